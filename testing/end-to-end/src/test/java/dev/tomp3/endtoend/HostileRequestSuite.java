package dev.tomp3.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tomp3.platform.Problem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.http.ContentDisposition;
import tools.jackson.databind.JsonNode;

/** Hostile requests to the gateway and to auth of a running system. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class HostileRequestSuite {
    private static final Map<String, Problem> PROBLEMS =
            Arrays.stream(Problem.values())
                    .collect(Collectors.toMap(Problem::type, Function.identity()));

    /**
     * Internals that no answer may reveal: classes, stack traces, the server's name; and HTML
     * pages.
     */
    private static final Pattern INSIDE =
            Pattern.compile(
                    "(?i)\\bat [a-z]+\\.[a-z.]+\\(|[a-z]Exception|dev\\.tomp3|springframework|"
                            + "java\\.(lang|util|io)|apache|tomcat|catalina|hibernate|h2database|"
                            + "<html|<!doctype|<script|SQLSTATE|/work/|/tmp/|X-Injected: yes|"
                            + "root:x:0:0");

    private User mallory;
    private User dora;
    private User admin;
    private String victimsJob;
    private List<String> canaries;
    private ServerSocket trap;
    private final AtomicInteger trapped = new AtomicInteger();

    abstract RunningSystem system();

    /** The data directory of the system. */
    abstract Path data();

    @BeforeAll
    void meet(@TempDir Path directory) throws Exception {
        URI gateway = system().gateway();
        admin = User.login(gateway, system().administrator());
        mallory = User.register(gateway, "mallory-http@example.org", "wants everything");
        dora = User.register(gateway, "dora-http@example.org", "reads the manual");
        User victim = User.register(gateway, "canary-mail-5b2e@example.org", "canary-word-81d4");
        Path video = Noise.in(directory.resolve("canary-name-9c1d.wav"), 1);
        HttpResponse<String> accepted =
                victim.tryUpload(video, Map.of("Idempotency-Key", "canary-key-77e0"));
        victimsJob = User.JSON.readTree(accepted.body()).get("id").asString();
        assertThat(victim.settled(victimsJob).get("status").asString()).isEqualTo("done");
        byte[] mp3 = Files.readAllBytes(victim.download(victimsJob, directory.resolve("v.mp3")));
        String sound = new String(mp3, mp3.length / 2, 32, StandardCharsets.ISO_8859_1);
        canaries =
                List.of(
                        victimsJob,
                        "canary-mail-5b2e",
                        "canary-word-81d4",
                        "canary-name-9c1d",
                        "canary-key-77e0",
                        sound,
                        victim.token());
        trap = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        while (true) {
                            trap.accept().close();
                            trapped.incrementAndGet();
                        }
                    } catch (IOException e) {
                        // closed at the end
                    }
                });
    }

    @AfterAll
    void leave() throws IOException {
        if (trap != null) trap.close();
    }

    @Test
    void answers_every_hostile_request_correctly_and_leaves_nothing_behind() throws Exception {
        Forgery forgery =
                new Forgery(data().resolve("keys"), "http://127.0.0.1:" + trap.getLocalPort());
        List<HostileRequests.Hostile> requests =
                HostileRequests.of(
                        new HostileRequests.Scene(
                                system().gateway(),
                                system().auth(),
                                mallory.token(),
                                admin.token(),
                                "mallory-http@example.org",
                                victimsJob,
                                "canary-key-77e0",
                                forgery));
        long lines = system().log().size();
        List<String> before = media();
        Footprint calm = footprint();
        Queue<String> wrong = new ConcurrentLinkedQueue<>();
        try (ExecutorService senders = Executors.newFixedThreadPool(4)) {
            for (HostileRequests.Hostile request : requests) {
                senders.execute(() -> send(request).ifPresent(wrong::add));
            }
        }
        System.out.printf("%d hostile requests: %d wrong%n", requests.size(), wrong.size());
        assertThat(wrong).isEmpty();
        assertThat(requests).hasSizeGreaterThan(500);

        assertThat(trapped).as("nobody followed an address in a token").hasValue(0);
        assertThat(system().log().stream().skip(lines))
                .as("none of it was worth an error or a stack trace")
                .noneMatch(line -> line.contains(" ERROR ") || line.startsWith("\tat "));
        assertThat(User.JSON.readTree(mallory.get("/jobs").body()).get("items")).isEmpty();
        await().atMost(Duration.ofMinutes(1)).until(() -> media().equals(before));
        servesAsBefore();
        await().atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> {
                    Footprint now = footprint();
                    assertThat(now.threads()).isLessThanOrEqualTo(calm.threads() + 10);
                    assertThat(now.files()).isLessThanOrEqualTo(calm.files() + 20);
                    assertThat(now.heap()).isLessThan(calm.heap() + (32 << 20));
                });
    }

    @Test
    void the_openapi_descriptions_cover_every_answer() throws Exception {
        String job =
                dora.convert(
                        Noise.in(
                                Files.createTempDirectory(data().getParent(), "dora")
                                        .resolve("dora.wav"),
                                1));
        String basic =
                "Basic "
                        + Base64.getEncoder()
                                .encodeToString(
                                        "dora-http@example.org:reads the manual"
                                                .getBytes(StandardCharsets.UTF_8));
        String leaving = "leaving-http@example.org:logs out often";
        User.register(system().gateway(), "leaving-http@example.org", "logs out often");
        int number = 0;
        List<String> wrong = new ArrayList<>();
        record Document(URI service, String path) {}
        for (Document document :
                List.of(
                        new Document(system().gateway(), "/v3/api-docs"),
                        new Document(system().gateway(), "/v3/api-docs/accounts"),
                        new Document(system().auth(), "/v3/api-docs"))) {
            URI service = document.service();
            DescribedRequests described =
                    new DescribedRequests(
                            service,
                            document.path(),
                            Map.of(
                                    "/jobs/{id} id",
                                    job,
                                    "/jobs/{id}/links id",
                                    job,
                                    "/download fid",
                                    job));
            var requests =
                    described.requests(
                            Map.of(
                                    "basic",
                                    List.of("", "Basic nonsense", basic),
                                    // a right one would change the password
                                    "basic password",
                                    List.of("Basic nonsense", ""),
                                    "bearer",
                                    List.of("Bearer " + dora.token(), "Bearer nonsense", ""),
                                    // these end the validity of the token
                                    "bearer logout",
                                    List.of(bearer(leaving), "Bearer nonsense", ""),
                                    "bearer session",
                                    List.of(bearer(leaving), "Bearer nonsense", ""),
                                    "bearer sessions",
                                    List.of(bearer(leaving), "Bearer nonsense", ""),
                                    "bearer users",
                                    List.of("Bearer " + admin.token(), "Bearer " + dora.token())));
            for (DescribedRequests.Described request : requests) {
                HttpResponse<byte[]> answer = Http.send(request.request());
                String objection = described.objection(request, answer);
                if (objection != null) {
                    wrong.add(
                            "%s on %d: %d %s: %s"
                                    .formatted(
                                            request.name(),
                                            service.getPort(),
                                            answer.statusCode(),
                                            objection,
                                            new String(answer.body(), StandardCharsets.UTF_8)));
                }
            }
            number += requests.size();
        }
        for (JsonNode left : User.JSON.readTree(dora.get("/jobs?limit=100").body()).get("items"))
            dora.delete("/jobs/" + left.get("id").asString());
        System.out.printf("%d described requests: %d wrong%n", number, wrong.size());
        assertThat(wrong).isEmpty();
        assertThat(number).isGreaterThan(200);
    }

    private String bearer(String account) {
        return "Bearer " + User.login(system().gateway(), account).token();
    }

    @Test
    void three_hundred_slow_connections_do_not_block_a_valid_request() throws Exception {
        byte[] head = ascii("GET /jobs HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
        byte[] body =
                ascii("POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx");
        byte[] upload =
                ascii(
                        "POST /upload HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                                + mallory.token()
                                + "\r\nContent-Type: multipart/form-data; boundary=x\r\n"
                                + "Content-Length: 9999\r\n\r\n--x");
        List<RawConnection> slow = new ArrayList<>();
        try {
            for (URI service : List.of(system().gateway(), system().auth())) {
                for (int i = 0; i < 300; i++) {
                    RawConnection wire = new RawConnection(service);
                    slow.add(wire);
                    wire.send(i % 3 == 0 ? head : i % 3 == 1 ? body : upload);
                }
            }
            User somebody =
                    User.login(system().gateway(), "mallory-http@example.org:wants everything");
            assertThat(somebody.get("/jobs").statusCode()).isEqualTo(200);
        } finally {
            for (RawConnection wire : slow) wire.close();
        }
    }

    @Test
    void a_file_name_is_never_interpreted() throws Exception {
        Path video =
                Noise.in(
                        Files.createTempDirectory(data().getParent(), "names").resolve("n.wav"), 1);
        for (Map.Entry<String, String> name :
                Map.of(
                                "../../etc/passwd.wav", "passwd",
                                "a\\\"; filename=\\\"b.wav", "a\"; filename=\"b",
                                "%0d%0aSet-Cookie: a=b.wav", "%0d%0aSet-Cookie: a=b",
                                "\u202egnp\u0007.wav", "gnp",
                                "<script>\u00e4\ud83c\udfac.wav", "<script>\u00e4\ud83c\udfac")
                        .entrySet()) {
            String id = dora.uploadAs(name.getKey(), video);
            JsonNode job = dora.settled(id);
            assertThat(job.get("status").asString()).as(name.getKey()).isEqualTo("done");
            assertThat(job.get("filename").asString()).isEqualTo(name.getValue() + ".wav");
            HttpResponse<byte[]> mp3 = Http.bytes(dora.request("/download?fid=" + id));
            assertThat(mp3.statusCode()).isEqualTo(200);
            assertThat(mp3.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
            assertThat(mp3.headers().firstValue("Set-Cookie")).isEmpty();
            assertThat(
                            ContentDisposition.parse(
                                            mp3.headers()
                                                    .firstValue("Content-Disposition")
                                                    .orElseThrow())
                                    .getFilename())
                    .isEqualTo(name.getValue() + ".mp3");
            assertThat(dora.delete("/jobs/" + id).statusCode()).isEqualTo(204);
        }
        assertThat(system().log())
                .noneMatch(line -> line.matches(".*[\\p{Cc}&&[^\t]].*|.*\u202e.*"));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private Optional<String> send(HostileRequests.Hostile request) {
        List<RawConnection.Answer> answers;
        try {
            answers = RawConnection.exchange(request.service(), request.bytes());
        } catch (IOException | RuntimeException e) {
            return Optional.of(request + ": " + e);
        }
        if (answers.isEmpty() && !request.answers().contains(HostileRequests.NOTHING))
            return Optional.of(request + ": no answer");
        for (RawConnection.Answer answer : answers) {
            // what the answer to HEAD would say stands in its status alone
            boolean head =
                    new String(request.bytes(), StandardCharsets.ISO_8859_1).startsWith("HEAD ");
            String code = head ? Integer.toString(answer.status()) : code(answer);
            String objection = objection(answer, head);
            if (objection == null
                    && !request.answers().contains(code)
                    && !(head
                            && request.answers().stream()
                                    .anyMatch(right -> status(right) == answer.status()))) {
                objection = "is not of " + request.answers();
            }
            if (objection != null)
                return Optional.of(
                        "%s: %s %s: %s\n%s"
                                .formatted(request, code, objection, answer.raw(), answer.text()));
        }
        return Optional.empty();
    }

    private static int status(String code) {
        return PROBLEMS.getOrDefault("urn:tomp3:" + code, Problem.INTERNAL).status();
    }

    /** The problem's code, else the status. */
    private static String code(RawConnection.Answer answer) {
        if (answer.status() != 0 && answer.status() < 400) return Integer.toString(answer.status());
        return PROBLEMS.values().stream()
                .filter(problem -> answer.text().contains("\"" + problem.type() + "\""))
                .map(Problem::code)
                .findFirst()
                .orElse(Integer.toString(answer.status()));
    }

    /** Why an answer is wrong, for any request; null if it is correct. */
    private String objection(RawConnection.Answer answer, boolean head) {
        String everything =
                answer.raw() + "\n" + new String(answer.body(), StandardCharsets.ISO_8859_1);
        for (String canary : canaries) {
            if (everything.contains(canary)) return "tells what is another's: " + canary;
        }
        String type = answer.header("Content-Type").orElse("");
        boolean page = type.startsWith("text/css");
        if (!page && INSIDE.matcher(everything).find()) return "tells of the inside";
        if (answer.status() == 0) return null;
        if (answer.header("Server").isPresent()) return "names the server";
        if (answer.header("Set-Cookie").isPresent()) return "sets a cookie";
        if (!type.isEmpty()
                && !answer.header("X-Content-Type-Options").orElse("").equals("nosniff"))
            return "may be sniffed";
        if (answer.status() < 400) return null;
        if (answer.status() == 503 && answer.header("Retry-After").isEmpty())
            return "does not say when to come again";
        if (answer.status() >= 500 && answer.status() != 503) return "is our fault";
        if (!type.equals("application/problem+json")) return "is no problem";
        if (head) return answer.body().length == 0 ? null : "has a body";
        JsonNode problem = User.JSON.readTree(answer.body());
        Problem stated = PROBLEMS.get(problem.path("type").asString());
        if (stated == null) return "is of no known type";
        if (stated.status() != answer.status() || problem.path("status").asInt() != answer.status())
            return "has another status than its type";
        return null;
    }

    // ---- how it stands

    private void servesAsBefore() throws IOException {
        User somebody = User.login(system().gateway(), "mallory-http@example.org:wants everything");
        Path video =
                Noise.in(
                        Files.createTempDirectory(data().getParent(), "good").resolve("good.wav"),
                        1);
        String id = somebody.convert(video);
        assertThat(somebody.download(id, video.resolveSibling("good.mp3"))).isNotEmptyFile();
        assertThat(somebody.delete("/jobs/" + id).statusCode()).isEqualTo(204);
    }

    /** The names of all files in the store. */
    private List<String> media() throws IOException {
        try (Stream<Path> files = Files.walk(data().resolve("media"))) {
            return files.filter(Files::isRegularFile)
                    .map(file -> data().relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    private record Footprint(double threads, double files, double heap) {}

    private Footprint footprint() {
        system().collectGarbage();
        String metrics = Http.get(system().gateway().resolve("/metrics")).body();
        return new Footprint(
                sum(metrics, "jvm_threads_live_threads"),
                sum(metrics, "process_files_open_files"),
                sum(metrics, "jvm_memory_used_bytes{area=\"heap\""));
    }

    private static double sum(String metrics, String series) {
        return metrics.lines()
                .filter(line -> line.startsWith(series))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
