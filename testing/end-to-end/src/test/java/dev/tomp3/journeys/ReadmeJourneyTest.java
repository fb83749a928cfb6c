package dev.tomp3.journeys;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadmeJourneyTest {
    @TempDir Path directory;

    @Test
    void the_printed_lines_fetch_an_mp3() throws Exception {
        try (RunningSystem system = RunningSystem.start(directory, Map.of())) {
            Readme.follow(system.gateway(), system.administrator(), directory);
        }
    }
}
