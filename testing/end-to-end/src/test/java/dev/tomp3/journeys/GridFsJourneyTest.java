package dev.tomp3.journeys;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The road with media in GridFS, as every deployment keeps them. */
class GridFsJourneyTest extends RoadJourney {
    @Override
    Deployment start(Path directory, Map<String, String> environment) {
        Map<String, String> gridFs = new HashMap<>(environment);
        gridFs.put("MEDIA_STORE", "gridfs");
        // a container has no locale
        gridFs.put("LC_ALL", "C");
        return RunningSystem.start(directory, gridFs);
    }
}
