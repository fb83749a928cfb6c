package dev.tomp3.notification;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** The code for receivers in the documentation, as it is printed there. */
class WebhookExamplesTest {
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final String OTHER = "whsec_c2VjcmV0IHRoYXQgd2FzIHJlcGxhY2VkIQ==";
    private static final String BODY = "{\"filename\":\"ä \ud83c\udfac.mp4\"}";

    private static final String PYTHON =
            """
            import json, sys
            secret, headers, body = json.loads(sys.argv[1])
            verify(secret, headers, body.encode())
            """;
    private static final String NODE =
            """
            const [secret, headers, body] = JSON.parse(process.argv.at(-1));
            verify(secret, headers, Buffer.from(body));
            """;

    @ParameterizedTest
    @ValueSource(strings = {"python", "javascript"})
    void accept_what_tomp3_has_signed_and_nothing_else(String language) throws Exception {
        String program = language.equals("python") ? "python3" : "node";
        if (!installed(program)) {
            System.out.println("Not installed, so not tested: " + program);
            return;
        }
        long now = Instant.now().getEpochSecond();
        String both = WebhookSignature.of(List.of(OTHER, SECRET), "msg_1", now, BODY);
        assertThat(run(language, now, both, BODY)).isEmpty();
        assertThat(run(language, now, both, BODY + " ")).contains("wrong signature");
        assertThat(run(language, now - 1, both, BODY)).contains("wrong signature");
        assertThat(run(language, now, "", BODY)).contains("wrong signature");
        String other = WebhookSignature.of(List.of(OTHER), "msg_1", now, BODY);
        assertThat(run(language, now, other, BODY)).contains("wrong signature");
        String old = WebhookSignature.of(List.of(SECRET), "msg_1", now - 400, BODY);
        assertThat(run(language, now - 400, old, BODY)).contains("sent too long ago");
    }

    /** What the program complains of; empty when it accepts the message. */
    private static String run(String language, long timestamp, String signature, String body)
            throws Exception {
        String message =
                new JsonMapper()
                        .writeValueAsString(
                                List.of(
                                        SECRET,
                                        Map.of(
                                                "webhook-id",
                                                "msg_1",
                                                "webhook-timestamp",
                                                Long.toString(timestamp),
                                                "webhook-signature",
                                                signature),
                                        body));
        List<String> command =
                language.equals("python")
                        ? List.of("python3", "-c", example(language) + PYTHON, message)
                        : List.of(
                                "node",
                                "--input-type=module",
                                "-e",
                                example(language) + NODE,
                                message);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor() == 0).as(output).isEqualTo(output.isEmpty());
        return output;
    }

    private static String example(String language) throws Exception {
        Matcher block =
                Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
                        .matcher(Files.readString(Path.of("../docs/webhooks.md")));
        assertThat(block.find()).isTrue();
        return block.group(1);
    }

    private static boolean installed(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .anyMatch(path -> Files.isExecutable(Path.of(path, program)));
    }
}
