package dev.tomp3.journeys;

import java.nio.file.Path;
import java.util.Map;

/** The road with media in plain files, as {@code ./run} keeps them. */
class FilesJourneyTest extends RoadJourney {
    @Override
    Deployment start(Path directory, Map<String, String> environment) {
        return RunningSystem.start(directory, environment);
    }
}
