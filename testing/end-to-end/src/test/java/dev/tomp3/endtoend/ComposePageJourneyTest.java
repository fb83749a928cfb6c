package dev.tomp3.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The journeys of the page, in Chromium, on the composed system. {@code ./test compose} leaves them
 * out, because they need what {@code ./test web} needs; with the images that it has built: {@code
 * ./mvnw test -pl testing/end-to-end -am -Dtests.only=page -Dtests.without=}.
 */
@Tag("compose")
@Tag("page")
class ComposePageJourneyTest {
    private static final Path LOG = Path.of("target", "page-on-compose.log").toAbsolutePath();

    @Test
    void the_journeys_of_the_page_pass(@TempDir Path directory) throws Exception {
        try (ComposedSystem system = ComposedSystem.start(directory, Map.of())) {
            ProcessBuilder journeys =
                    new ProcessBuilder(
                                    "node",
                                    "--test",
                                    "--test-reporter=spec",
                                    "--test-concurrency=1",
                                    "web/test/files.test.js",
                                    "web/test/accounts.test.js",
                                    "web/test/outages.test.js")
                            .directory(Path.of("../..").toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(LOG.toFile());
            journeys.environment().put("TOMP3_URL", system.gateway().toString());
            journeys.environment().put("TOMP3_ACCOUNT", system.administrator());
            Process process = journeys.start();
            try {
                assertThat(process.waitFor(12, TimeUnit.MINUTES)).isTrue();
            } finally {
                process.destroyForcibly();
            }
            for (String service : List.of("auth", "gateway", "converter", "notification"))
                for (String container : system.containers(service))
                    assertThat(system.inspect(container, "{{.RestartCount}}"))
                            .as(
                                    "restarts of %s, for example because its memory did not"
                                            + " suffice",
                                    service)
                            .isEqualTo("0");
            assertThat(process.exitValue()).as("see %s", LOG).isZero();
        }
    }
}
