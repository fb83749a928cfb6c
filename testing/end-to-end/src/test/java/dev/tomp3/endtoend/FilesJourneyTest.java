package dev.tomp3.endtoend;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** All journeys with media in plain files, as {@code ./run} keeps them. */
class FilesJourneyTest extends JourneySuite {
    private RunningSystem running;
    private Path data;

    @Override
    Deployment start(Path directory, Map<String, String> environment) {
        data = directory.resolve("data");
        running = RunningSystem.start(directory, environment);
        return running;
    }

    @Test
    void the_lines_of_the_readme_fetch_an_mp3() throws Exception {
        Readme.follow(running.gateway(), running.administrator(), data.getParent());
    }

    /** On the same system, when all journeys have ended. */
    @Nested
    class Hostile extends HostileRequestSuite {
        @Override
        RunningSystem system() {
            return running;
        }

        @Override
        Path data() {
            return data;
        }
    }
}
