package dev.tomp3.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.embedded.EmbeddedBroker;
import dev.tomp3.embedded.EmbeddedMongo;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file larger than the service's memory passes through it, without touching its disk. */
@Timeout(180)
class StreamingIT {
    private static final long LENGTH = 200L * 1024 * 1024;
    private static final String PASSWORD = "correct horse";

    @TempDir private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"files", "gridfs"})
    void streams_a_file_larger_than_its_memory(String store) throws Exception {
        Path spool = Files.createDirectory(directory.resolve("tmp"));
        try (AuthStub auth = new AuthStub();
                EmbeddedBroker broker = EmbeddedBroker.start(null, 0, "tomp3", PASSWORD);
                EmbeddedMongo mongo =
                        EmbeddedMongo.start(directory.resolve("mongo"), 0, "tomp3", PASSWORD)) {
            Process process =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-Xmx128m",
                                    "-XX:MaxDirectMemorySize=32m",
                                    "-XX:+UseSerialGC",
                                    "-XX:TieredStopAtLevel=1",
                                    "-Djava.io.tmpdir=" + spool,
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    SmallGateway.class.getName(),
                                    "--GATEWAY_PORT=0",
                                    "--BIND=127.0.0.1",
                                    "--AUTH_SVC_ADDRESS=" + auth.address(),
                                    "--MONGODB_URI=" + mongo.uri("tomp3"),
                                    "--RABBITMQ_HOST=127.0.0.1",
                                    "--RABBITMQ_PORT=" + broker.port(),
                                    "--RABBITMQ_PASSWORD=" + PASSWORD,
                                    "--GRIDFS_CHUNK=255KB",
                                    "--MEDIA_STORE="
                                            + (store.equals("files")
                                                    ? "files:" + directory.resolve("media")
                                                    : store))
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            try (BufferedReader out =
                            new BufferedReader(
                                    new InputStreamReader(process.getInputStream(), UTF_8));
                    PrintWriter in = new PrintWriter(process.outputWriter(UTF_8), true)) {
                String base = "http://127.0.0.1:" + await(out, "port ");
                String token = auth.token(auth.user(false));
                HttpClient http = HttpClient.newHttpClient();

                HttpResponse<String> upload =
                        http.send(
                                request(base + "/upload", token)
                                        .header("Content-Type", Form.TYPE)
                                        .POST(
                                                HttpRequest.BodyPublishers.ofInputStream(
                                                        () -> body(spool)))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());
                assertThat(upload.statusCode()).as(upload.body()).isEqualTo(202);
                assertThat(Gateway.json(upload).get("size_bytes").asLong()).isEqualTo(LENGTH);
                String id = Gateway.json(upload).get("id").asString();
                in.println(id);
                await(out, "done " + id);

                HttpResponse<InputStream> download =
                        http.send(
                                request(base + "/download?fid=" + id, token).build(),
                                HttpResponse.BodyHandlers.ofInputStream());
                assertThat(download.statusCode()).isEqualTo(200);
                try (InputStream mp3 = download.body();
                        InputStream video = new Video()) {
                    byte[] theirs = new byte[64 * 1024];
                    byte[] ours = new byte[64 * 1024];
                    for (long at = 0; at < LENGTH; at += ours.length) {
                        assertThat(mp3.readNBytes(theirs, 0, theirs.length)).isEqualTo(ours.length);
                        assertThat(video.readNBytes(ours, 0, ours.length)).isEqualTo(ours.length);
                        if (!Arrays.equals(ours, theirs))
                            throw new AssertionError("other bytes after " + at);
                    }
                    assertThat(mp3.read()).isEqualTo(-1);
                }
                assertThat(bytesIn(spool)).isLessThan(1_000_000);
            } finally {
                // the end of its standard input ends it
                if (!process.waitFor(15, TimeUnit.SECONDS)) process.destroyForcibly();
            }
        }
    }

    private static HttpRequest.Builder request(String uri, String token) {
        return HttpRequest.newBuilder(URI.create(uri))
                .timeout(Duration.ofMinutes(2))
                .header("Authorization", "Bearer " + token);
    }

    private static String await(BufferedReader out, String word) throws IOException {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(word)) return line.substring(word.length());
        }
        throw new AssertionError("the process ended");
    }

    private static InputStream body(Path spool) {
        return new SequenceInputStream(
                Collections.enumeration(
                        List.of(
                                new ByteArrayInputStream(
                                        Form.fileHead(
                                                "form-data; name=\"file\"; filename=\"a.mp4\"")),
                                new Video(),
                                new Look(spool),
                                new ByteArrayInputStream(Form.ascii("\r\n")),
                                new ByteArrayInputStream(Form.end()))));
    }

    private static long bytesIn(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.map(Path::toFile).filter(File::isFile).mapToLong(File::length).sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** No bytes; checks the service's disk when the whole file has been sent. */
    private static final class Look extends InputStream {
        private final Path spool;

        Look(Path spool) {
            this.spool = spool;
        }

        @Override
        public int read() {
            assertThat(bytesIn(spool)).isLessThan(1_000_000);
            return -1;
        }

        @Override
        public int read(byte[] bytes, int offset, int wanted) {
            return read();
        }
    }

    /** Bytes that depend on their position. */
    private static final class Video extends InputStream {
        private static final byte[] HEAD = Form.video(8);
        private long at;

        @Override
        public int read() {
            if (at == LENGTH) return -1;
            byte b = at < HEAD.length ? HEAD[(int) at] : (byte) (at * 31 + (at >> 13));
            at++;
            return b & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int wanted) {
            if (at == LENGTH) return -1;
            int length = (int) Math.min(wanted, LENGTH - at);
            for (int i = 0; i < length; i++) {
                bytes[offset + i] =
                        at < HEAD.length ? HEAD[(int) at] : (byte) (at * 31 + (at >> 13));
                at++;
            }
            return length;
        }
    }
}
