package dev.tomp3.journeys;

import java.util.Map;

/** The road with media in plain files, as {@code ./run} keeps them. */
class FilesJourneyTest extends RoadJourney {
    FilesJourneyTest() {
        super(Map.of());
    }
}
