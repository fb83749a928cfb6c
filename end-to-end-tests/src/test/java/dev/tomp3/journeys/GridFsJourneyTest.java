package dev.tomp3.journeys;

import java.util.Map;

/** The road with media in GridFS, as every deployment keeps them. */
class GridFsJourneyTest extends RoadJourney {
    GridFsJourneyTest() {
        super(Map.of("MEDIA_STORE", "gridfs"));
    }
}
