package dev.tomp3.journeys;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/** The road with media in plain files, as {@code ./run} keeps them. */
class FilesJourneyTest extends RoadJourney {
    private RunningSystem system;
    private Path data;

    @Override
    Deployment start(Path directory, Map<String, String> environment) {
        data = directory.resolve("data");
        system = RunningSystem.start(directory, environment);
        return system;
    }

    /** At the end of the road, on the system that is there. */
    @Nested
    class Strangers extends HostileSuite {
        @Override
        RunningSystem system() {
            return system;
        }

        @Override
        Path data() {
            return data;
        }
    }
}
