package dev.tomp3.endtoend;

import dev.tomp3.converter.TestMedia.Kind;
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

    @Test
    void the_lines_of_the_api_reference_poll_for_an_mp3() throws Exception {
        Readme.follow("docs/api.md", running.gateway(), running.administrator(), data.getParent());
    }

    @Test
    void the_command_line_client_does_what_a_user_wants() throws Exception {
        new Client(data.getParent(), media).follow(running.gateway(), running.administrator());
    }

    @Test
    void the_services_export_every_metric_of_the_alerts_and_the_dashboard() {
        ada.convert(media.tone(Kind.MP4, 440, SECONDS));

        MonitoringTest.assertServicesExportAll(running);
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
