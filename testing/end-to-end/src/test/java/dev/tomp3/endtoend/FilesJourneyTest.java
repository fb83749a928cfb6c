package dev.tomp3.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.converter.TestMedia.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
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
    void the_examples_of_the_api_reference_are_answered_as_printed() throws Exception {
        assertThat(new Examples().follow(running, data.getParent())).isEmpty();
    }

    @Test
    void the_api_reference_has_an_example_of_every_operation() {
        assertThat(
                        new Examples()
                                .missing(
                                        List.of(
                                                running.gateway().resolve("/v3/api-docs"),
                                                running.gateway().resolve("/v3/api-docs/accounts"),
                                                running.auth().resolve("/v3/api-docs"))))
                .isEmpty();
    }

    /** Generated clients make names of methods of them, so that none may change by accident. */
    @Test
    void every_operation_has_an_id_of_its_own() {
        List<String> ids =
                Stream.of("/v3/api-docs", "/v3/api-docs/accounts")
                        .map(path -> Http.get(running.gateway().resolve(path)).body())
                        .flatMap(description ->
                                User.JSON
                                        .readTree(description)
                                        .get("paths")
                                        .findValuesAsString("operationId")
                                        .stream())
                        .toList();
        assertThat(ids)
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrder(
                        """
                        upload listJobs showJob deleteJob changeTags followJobs download createLink followLink
                        createArchive downloadArchive uploadOptions createUpload showUpload continueUpload
                        terminateUpload createWebhook listWebhooks showWebhook changeWebhook deleteWebhook
                        rotateWebhookSecret testWebhook listDeliveries replayDelivery logIn logOut showAccount showStatus
                        login logout logoutEverywhere showRegistration register changePassword createKey listKeys deleteKey
                        rotateKey listUsers createUser changeUser deleteUser setOneTimePassword
                        """
                                .strip()
                                .split("\\s+", -1));
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

    /** Needs npm, which downloads the client once. */
    @Test
    @Tag("node")
    void tus_js_client_uploads_whole_paused_broken_and_of_unknown_length() throws Exception {
        Path client = Files.createDirectory(directory.resolve("tus-js-client"));
        for (String file : List.of("package.json", "package-lock.json", "tus.js"))
            Files.copy(Path.of("src/test/js", file), client.resolve(file));
        Shell.run(
                directory,
                Map.of(),
                List.of(
                        "npm",
                        "ci",
                        "--prefix=" + client,
                        "--prefer-offline",
                        "--ignore-scripts",
                        "--no-audit",
                        "--no-fund"));
        Path video = media.tone(Kind.WAV, 520, 40);
        for (String how : List.of("whole", "paused", "broken", "deferred", "terminated")) {
            String said =
                    Shell.run(
                            directory,
                            Map.of(),
                            List.of(
                                    "node",
                                    client.resolve("tus.js").toString(),
                                    running.gateway().resolve("/files").toString(),
                                    ada.token(),
                                    video.toString(),
                                    how));
            String id = said.strip();
            if (how.equals("terminated")) {
                assertThat(ada.job(id).get("status").asString()).isEqualTo("cancelled");
                continue;
            }
            assertThat(ada.settled(id).get("status").asString()).as(how).isEqualTo("done");
            assertThat(ada.job(id).get("size_bytes").asLong()).isEqualTo(Files.size(video));
            assertTone(heard(id), 520, 40);
        }
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
