package dev.tomp3.gateway;

import static dev.tomp3.gateway.Gateway.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.Warning;
import dev.tomp3.platform.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page as the gateway serves it: addresses, caching, compression and security headers. */
class PageIT {
    private static final Path SOURCES = Path.of("../web/page");
    private static final Pattern NAMED = Pattern.compile("\"(/app/[0-9a-f]{20}/([^\"]+))\"");

    private Gateway gateway;

    @BeforeEach
    void gateway() throws IOException {
        gateway = Gateway.onFiles();
    }

    private HttpResponse<byte[]> get(String path, String... headers) {
        var request = gateway.request(path);
        if (headers.length > 0) request.headers(headers);
        return gateway.send(request, BodyHandlers.ofByteArray());
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    private String document() {
        return new String(get("/").body(), StandardCharsets.UTF_8);
    }

    private String build() {
        Matcher named = NAMED.matcher(document());
        assertThat(named.find()).isTrue();
        return named.group(1).split("/", -1)[2];
    }

    private static byte[] unzipped(byte[] gzip) throws IOException {
        return new GZIPInputStream(new ByteArrayInputStream(gzip)).readAllBytes();
    }

    /** The names of the files that a browser asks for. */
    private static List<String> files() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> SOURCES.relativize(file).toString())
                    .filter(name -> !name.matches("index\\.html|.*\\.(md|d\\.ts)"))
                    .toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/app"})
    void the_document_is_asked_for_each_time_and_allows_only_its_own_files(String path) {
        HttpResponse<byte[]> answer = get(path, "Cookie", "tomp3_session=rubbish");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(header(answer, "Content-Type")).isEqualTo("text/html;charset=UTF-8");
        assertThat(header(answer, "Cache-Control")).isEqualTo("no-cache");
        assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(header(answer, "X-Frame-Options")).isEqualTo("DENY");
        assertThat(header(answer, "Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(header(answer, "Cross-Origin-Opener-Policy")).isEqualTo("same-origin");
        assertThat(header(answer, "Content-Security-Policy"))
                .startsWith("default-src 'none'; script-src 'self';")
                .contains("require-trusted-types-for 'script'", "frame-ancestors 'none'")
                .doesNotContain("unsafe", "http:", "https:", "data:", "*");
        assertThat(answer.headers().firstValue("Set-Cookie")).isEmpty();
        assertThat(new String(answer.body(), StandardCharsets.UTF_8))
                .doesNotContainPattern("<script(?![^>]* src=)|<style| style=| on[a-z]+=|@build@")
                .contains("<noscript>");
    }

    @Test
    void a_document_that_has_not_changed_is_not_sent_again() {
        HttpResponse<byte[]> first = get("/", "Accept-Encoding", "gzip");
        assertThat(header(first, "Vary")).contains("Accept-Encoding");
        HttpResponse<byte[]> second =
                get("/", "Accept-Encoding", "gzip", "If-None-Match", header(first, "ETag"));
        assertThat(second.statusCode()).isEqualTo(304);
        assertThat(second.body()).isEmpty();
        assertThat(header(second, "Cache-Control")).isEqualTo("no-cache");
        // another encoding is another representation
        assertThat(get("/", "If-None-Match", header(first, "ETag")).statusCode()).isEqualTo(200);
    }

    @Test
    void head_tells_the_same_without_the_body() {
        for (String path : List.of("/", "/app/" + build() + "/main.js")) {
            HttpResponse<byte[]> head =
                    gateway.send(
                            gateway.request(path).method("HEAD", BodyPublishers.noBody()),
                            BodyHandlers.ofByteArray());
            HttpResponse<byte[]> get = get(path);
            assertThat(head.statusCode()).isEqualTo(200);
            assertThat(head.body()).isEmpty();
            for (String name : List.of("Content-Type", "ETag", "Cache-Control"))
                assertThat(header(head, name)).as(name).isEqualTo(header(get, name));
            assertThat(header(head, "Content-Length")).isEqualTo("" + get.body().length);
        }
    }

    @Test
    void a_browser_keeps_the_files_of_a_build_and_gets_them_compressed() throws Exception {
        String app = "/app/" + build() + "/";
        assertThat(files()).contains("main.js", "style.css", "text/en.js");
        int total = get("/", "Accept-Encoding", "gzip").body().length;
        for (String name : files()) {
            HttpResponse<byte[]> answer = get(app + name, "Accept-Encoding", "br, gzip;q=0.8");
            assertThat(answer.statusCode()).as(name).isEqualTo(200);
            assertThat(header(answer, "Cache-Control"))
                    .isEqualTo("max-age=31536000, public, immutable");
            assertThat(header(answer, "Content-Encoding")).isEqualTo("gzip");
            assertThat(header(answer, "Content-Security-Policy")).startsWith("default-src 'none'");
            byte[] content = Files.readAllBytes(SOURCES.resolve(name));
            assertThat(unzipped(answer.body())).as(name).isEqualTo(content);
            assertThat(get(app + name).body()).as(name).isEqualTo(content);
            total += answer.body().length;
        }
        assertThat(total).as("bytes of the whole page").isLessThan(150 * 1024);
    }

    @Test
    void the_description_is_compressed_for_those_that_take_it() throws Exception {
        HttpResponse<byte[]> plain = get("/v3/api-docs");
        HttpResponse<byte[]> compressed = get("/v3/api-docs", "Accept-Encoding", "br, gzip");
        assertThat(header(plain, "Content-Encoding")).isEmpty();
        assertThat(header(compressed, "Content-Encoding")).isEqualTo("gzip");
        for (HttpResponse<?> each : List.of(plain, compressed))
            assertThat(header(each, "Vary")).contains("Accept-Encoding");
        assertThat(unzipped(compressed.body())).isEqualTo(plain.body());
        assertThat(compressed.body().length).isLessThan(plain.body().length / 3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "main.js|text/javascript;charset=UTF-8",
                "style.css|text/css;charset=UTF-8",
                "icon.svg|image/svg+xml",
                "vendor/tus-4.3.1.LICENSE.txt|text/plain;charset=UTF-8"
            })
    void every_file_has_its_content_type(String name, String type) {
        assertThat(header(get("/app/" + build() + "/" + name), "Content-Type")).isEqualTo(type);
    }

    @ParameterizedTest
    @CsvSource({
        "gzip,true",
        "'deflate, GZIP',true",
        "'gzip;q=0.5, br',true",
        "gzip;q=0,false",
        "'gzip; q=0.0, br',false",
        "identity,false",
        "xgzip,false",
        "'',false"
    })
    void compresses_only_for_clients_that_take_it(String accepted, boolean gzip) {
        HttpResponse<byte[]> answer = get("/", "Accept-Encoding", accepted);
        assertThat(header(answer, "Content-Encoding")).isEqualTo(gzip ? "gzip" : "");
    }

    @Test
    void the_files_of_another_build_are_not_kept() {
        HttpResponse<byte[]> answer = get("/app/0123456789abcdef0123/main.js");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(header(answer, "Cache-Control")).isEqualTo("no-cache");
        assertThat(answer.body()).isEqualTo(get("/app/" + build() + "/main.js").body());
    }

    @Test
    void everything_else_is_a_problem() {
        for (String path :
                List.of(
                        "/app/" + build() + "/nothing.js",
                        "/app/" + build() + "/index.html",
                        "/app/" + build() + "/vendor/README.md",
                        "/app/" + build() + "/",
                        "/app/" + build())) {
            HttpResponse<String> answer = gateway.send(gateway.request(path));
            assertThat(answer.statusCode()).as(path).isEqualTo(404);
            assertProblem(answer, 404, "not-found");
        }
        assertProblem(
                gateway.send(gateway.request("/").POST(BodyPublishers.noBody())),
                405,
                "method-not-allowed");
    }

    @Test
    void swagger_ui_has_a_policy_of_its_own() {
        HttpResponse<byte[]> answer = get("/swagger-ui/index.html");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(header(answer, "Content-Security-Policy"))
                .startsWith(
                        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'")
                .doesNotContain("http");
        assertThat(new String(answer.body(), StandardCharsets.UTF_8))
                .doesNotContainPattern("<script(?![^>]* src=)");
    }

    /** A code without a sentence would show as an unknown failure of the server. */
    @Test
    void every_code_is_a_sentence_in_every_language() throws IOException {
        Set<String> problems =
                new TreeSet<>(Arrays.stream(Problem.values()).map(Problem::code).toList());
        Set<String> failures =
                new TreeSet<>(
                        Arrays.stream(Failure.Code.values()).map(Failure.Code::wire).toList());
        Set<String> warnings =
                new TreeSet<>(
                        Arrays.stream(Warning.Code.values()).map(Warning.Code::wire).toList());
        try (Stream<Path> languages = Files.list(SOURCES.resolve("text"))) {
            assertThat(languages)
                    .isNotEmpty()
                    .allSatisfy(language -> {
                        String texts = Files.readString(language);
                        assertThat(keys(texts, "problems")).containsAll(problems);
                        assertThat(keys(texts, "failures")).containsAll(failures);
                        assertThat(keys(texts, "warnings")).containsAll(warnings);
                    });
        }
    }

    private static Set<String> keys(String texts, String group) {
        int begin = texts.indexOf("\n  " + group + ": {\n");
        assertThat(begin).as(group).isPositive();
        String lines = texts.substring(begin, texts.indexOf("\n  },", begin));
        Set<String> keys = new TreeSet<>();
        Matcher key = Pattern.compile("(?m)^ {4}'?([a-z0-9-]+)'?:").matcher(lines);
        while (key.find()) keys.add(key.group(1));
        return keys;
    }

    @Test
    void what_is_vendored_is_what_was_published() throws Exception {
        Path vendored = SOURCES.resolve("vendor/tus-4.3.1.min.js");
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(vendored));
        assertThat(Files.readString(SOURCES.resolve("vendor/README.md")))
                .contains(HexFormat.of().formatHex(digest));
    }
}
