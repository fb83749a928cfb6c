package dev.tomp3.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.servers.StandaloneCommand;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the program as a process: its output, the files it leaves and its exit status. */
class RunIT {
    private static final Duration LONG = Duration.ofMinutes(2);

    @TempDir Path directory;
    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void killProcesses() {
        processes.forEach(Process::destroyForcibly);
    }

    @Test
    void prints_help_and_rejects_unknown_options() throws Exception {
        Run help = run(Map.of(), "--help");
        assertThat(help.status()).isZero();
        assertThat(help.out()).contains("usage: ./run").contains("VIDEO [-o OUT.mp3]");

        Run wrong = run(Map.of(), "--fast");
        assertThat(wrong.status()).isEqualTo(2);
        assertThat(wrong.err()).isEqualTo("tomp3: unknown option --fast\n");
    }

    @Test
    void a_checkout_that_is_not_built_prints_help_at_once() throws Exception {
        Path checkout = Path.of("..").toAbsolutePath().normalize();
        Path usage = Path.of("standalone/src/main/resources/usage.txt");
        Files.createDirectories(directory.resolve(usage).getParent());
        Files.copy(checkout.resolve(usage), directory.resolve(usage));
        Path script = directory.resolve("run");
        Files.copy(checkout.resolve("run"), script);
        Process help =
                new ProcessBuilder("bash", script.toString(), "--help")
                        .redirectErrorStream(true)
                        .start();
        processes.add(help);
        assertThat(new String(help.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo(Files.readString(checkout.resolve(usage)));
        assertThat(help.waitFor()).isZero();
    }

    @Test
    void reports_an_unusable_path_in_one_line_and_writes_no_file() throws Exception {
        Run missing = run(Map.of(), "missing.mp4");
        assertThat(missing.status()).isEqualTo(1);
        assertThat(missing.err()).isEqualTo("tomp3: no such file: missing.mp4\n");

        Path empty = Files.createFile(directory.resolve("empty.mp4"));
        Run nothing = run(Map.of(), empty.toString());
        assertThat(nothing.status()).isEqualTo(1);
        assertThat(nothing.err()).isEqualTo("tomp3: the file has no bytes: " + empty + "\n");

        Path video = Files.writeString(directory.resolve("song.mp3"), "x");
        Run same = run(Map.of(), video.toString(), "-o", video.toString());
        assertThat(same.status()).isEqualTo(1);
        assertThat(same.err().lines()).hasSize(1);
        assertThat(video).hasContent("x");
    }

    @Test
    void names_the_setting_that_is_wrong() throws Exception {
        Path video = Files.writeString(directory.resolve("song.mp4"), "x");
        Run refused = run(Map.of("KEEP_MP3", "7"), video.toString());
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err())
                .containsPattern("(?m)^tomp3: \\w+ failed to start: KEEP_MP3 is less than 1m");
    }

    @Test
    void an_interrupted_conversion_leaves_no_files() throws Exception {
        // larger than what can have been sent when the signal comes
        Path video = directory.resolve("long.mp4");
        try (RandomAccessFile file = new RandomAccessFile(video.toFile(), "rw")) {
            file.setLength(20_000_000_000L);
        }
        Path printed = directory.resolve("out");
        Process process = start(Map.of(), printed, video.toString());
        Path err = errorsOf(printed);
        Awaitility.await().atMost(LONG).until(() -> Files.readString(err).contains("starting"));
        process.destroy(); // SIGTERM
        assertThat(process.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(1);
        assertThat(Files.readString(err).lines().toList())
                .containsOnlyOnce("tomp3: interrupted, no file was written")
                .hasSizeLessThan(4)
                .last()
                .isEqualTo("tomp3: interrupted, no file was written");
        assertThat(directory.resolve("long.mp3")).doesNotExist();
        assertThat(names(temporary())).as("temporary data").isEmpty();
    }

    @Test
    void reports_a_port_in_use_in_one_line_with_its_number_and_variable() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = String.valueOf(taken.getLocalPort());
            Run run = run(Map.of("GATEWAY_PORT", port));
            assertThat(run.status()).isEqualTo(1);
            assertThat(run.err().lines()).singleElement().asString().contains(port, "GATEWAY_PORT");
        }
    }

    @Test
    void serves_until_sigterm_and_shows_the_password_and_locks_its_data_directory()
            throws Exception {
        Path printed = directory.resolve("out");
        Process first = start(Map.of(), printed);
        awaitReady(first, printed);
        Matcher lines =
                Pattern.compile(
"""
ready http://localhost:(\\d+)
export USER_PASSWORD='(admin@localhost:([^']+))'
""")
                        .matcher(Files.readString(printed));
        assertThat(lines.matches()).as(Files.readString(printed)).isTrue();
        String login = lines.group(2);
        String password = lines.group(3);
        assertThat(login(lines.group(1), login)).isEqualTo(200);

        Run second = run(Map.of());
        assertThat(second.status()).isEqualTo(1);
        assertThat(second.err().lines()).singleElement().asString().contains("in use");

        first.destroy(); // SIGTERM
        assertThat(first.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(first.exitValue()).isZero();
        assertThat(errorsOf(printed)).content().doesNotContain("ERROR", "Exception", password);
    }

    private record Run(int status, String out, String err) {}

    private Run run(Map<String, String> environment, String... arguments) throws Exception {
        Path out = Files.createTempFile(directory, "out", "");
        Process process = start(environment, out, arguments);
        assertThat(process.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), Files.readString(out), Files.readString(errorsOf(out)));
    }

    private Process start(Map<String, String> environment, Path out, String... arguments)
            throws IOException {
        List<String> command =
                StandaloneCommand.with("-Djava.io.tmpdir=" + Files.createDirectories(temporary()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(errorsOf(out).toFile());
        builder.environment()
                .putAll(
                        Map.of(
                                "GATEWAY_PORT", "0",
                                "AUTH_PORT", "0",
                                "METRICS_PORT", "0",
                                "DATA_DIR", "data"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    private Path temporary() {
        return directory.resolve("temporary");
    }

    private static Path errorsOf(Path out) {
        return out.resolveSibling(out.getFileName() + ".err");
    }

    private void awaitReady(Process process, Path printed) {
        Awaitility.await()
                .atMost(LONG)
                .until(() -> !process.isAlive() || Files.readString(printed).lines().count() == 2);
        assertThat(process.isAlive()).as(() -> contents(errorsOf(printed))).isTrue();
    }

    private static String contents(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    /** The status of a login; a busy machine may answer 503 or 429 for a while. */
    private static int login(String port, String user) {
        String basic = Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
        HttpRequest request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/login"))
                        .header("Authorization", "Basic " + basic)
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            return Awaitility.await()
                    .atMost(LONG)
                    .until(
                            () ->
                                    http.send(request, HttpResponse.BodyHandlers.discarding())
                                            .statusCode(),
                            status -> status != 503 && status != 429);
        }
    }
}
