package dev.tomp3.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tomp3.converter.TestMedia;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A resumable upload over two gateways, both of which are restarted while they receive it. {@code
 * -Dtomp3.upload.seconds=26} makes it 2 GB. {@code ./test compose} leaves it out, because it takes
 * minutes; with the images that it has built: {@code ./mvnw test -pl testing/end-to-end -am
 * -Dtests.only=two-gateways -Dtests.without=}.
 */
@Tag("compose")
@Tag("two-gateways")
class ComposeUploadJourneyTest {
    private static final int SECONDS = Integer.getInteger("tomp3.upload.seconds", 1);
    private static final int CUTS = 20;
    private static final int HERTZ = 440;

    @Test
    void an_upload_that_is_cut_twenty_times_becomes_the_right_mp3(@TempDir Path directory)
            throws Exception {
        TestMedia media = TestMedia.in(Files.createDirectory(directory.resolve("media")));
        Path video = video(media);
        long length = Files.size(video);
        try (ComposedSystem system = ComposedSystem.startWithTwoGateways(directory, Map.of());
                FileChannel file = FileChannel.open(video)) {
            List<String> names = List.of("gateway", "gateway-2");
            List<URI> addresses = List.of(system.gateway(), system.secondGateway());
            List<User> users =
                    addresses.stream()
                            .map(address -> User.login(address, system.administrator()))
                            .toList();
            List<Tus> gateways = users.stream().map(Tus::new).toList();
            String id = gateways.getFirst().create("large.mkv", length);
            long start = System.nanoTime();
            for (int cut = 1; cut <= CUTS; cut++) {
                int one = cut % 2;
                long end = length * cut / (CUTS + 1);
                boolean restarted = cut == 7 || cut == 14;
                boolean cutOff = false;
                while (!cutOff) {
                    // what the other gateway says is safe
                    long offset = offset(gateways.get(1 - one), id);
                    Part part = new Part(file, offset, end, restarted);
                    CompletableFuture<HttpResponse<String>> answer =
                            gateways.get(one).begin(id, offset, part);
                    if (restarted && isSentBeforeAnswer(part, answer)) {
                        printPeak(system, names.get(one));
                        system.compose("restart", names.get(one));
                    }
                    part.broken.countDown();
                    cutOff = isCutOff(answer);
                }
            }
            int status = 409;
            while (status == 409) {
                long offset = offset(gateways.getFirst(), id);
                assertThat(offset).isLessThan(length);
                try (InputStream rest = new Rest(file, offset, length)) {
                    status = gateways.getFirst().begin(id, offset, rest).get().statusCode();
                }
            }
            assertThat(status).isEqualTo(204);
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
            System.out.printf("%d bytes with %d cuts in %d s%n", length, CUTS, seconds);
            User user = users.getFirst();
            JsonNode job = user.settled(id);
            names.forEach(name -> printPeak(system, name));
            assertThat(job.get("status").asString()).as(job.toString()).isEqualTo("done");
            assertThat(job.get("size_bytes").asLong()).isEqualTo(length);
            assertThat(job.has("warnings")).isFalse();
            MediaStoreSuite.assertTone(
                    media.listen(user.download(id, directory.resolve("large.mp3"))),
                    HERTZ,
                    SECONDS);
        }
    }

    /** Pictures that are not compressed, 78 MB a second, and a tone. */
    private static Path video(TestMedia media) {
        return media.make(
                "large.mkv",
                List.of(
                        "-f",
                        "lavfi",
                        "-i",
                        "color=size=1920x1080:rate=25:duration=" + SECONDS,
                        "-f",
                        "lavfi",
                        "-i",
                        "sine=frequency=" + HERTZ + ":duration=" + SECONDS,
                        "-c:v",
                        "rawvideo",
                        "-pix_fmt",
                        "yuv420p",
                        "-c:a",
                        "aac"));
    }

    /** As soon as the gateway answers. */
    private static long offset(Tus gateway, String id) {
        return await().atMost(Duration.ofMinutes(2))
                .until(
                        () -> {
                            try {
                                return gateway.offset(id);
                            } catch (AssertionError | UncheckedIOException e) {
                                return -1L; // it is starting
                            }
                        },
                        offset -> offset >= 0);
    }

    private static boolean isSentBeforeAnswer(Part part, CompletableFuture<?> answer)
            throws Exception {
        CompletableFuture.anyOf(part.sent, answer.handle((given, failure) -> null))
                .get(5, TimeUnit.MINUTES);
        return !answer.isDone();
    }

    /**
     * Whether a request was cut. Otherwise it came too early: a proxy still held bytes of the
     * request before, and the gateway received them after it had told its offset.
     */
    private static boolean isCutOff(CompletableFuture<HttpResponse<String>> answer)
            throws Exception {
        try {
            assertThat(answer.get(5, TimeUnit.MINUTES).statusCode()).isEqualTo(409);
            return false;
        } catch (ExecutionException e) {
            assertThat(e).rootCause().isInstanceOf(IOException.class);
            return true;
        }
    }

    /** The largest memory of the service's JVM so far; the first process is an init. */
    private static void printPeak(ComposedSystem system, String service) {
        String jvm =
                "for p in /proc/[0-9]*; do grep -q '^java$' $p/comm && grep VmHWM $p/status; done";
        String peak = system.compose("exec", service, "sh", "-c", jvm + "; true").strip();
        assertThat(peak).startsWith("VmHWM");
        System.out.println(service + " " + peak);
    }

    /** Some bytes of a file, and then an error. */
    private static class Part extends InputStream {
        final CompletableFuture<Void> sent = new CompletableFuture<>();
        final CountDownLatch broken;
        private final FileChannel file;
        private final long end;
        private long position;

        /**
         * @param waits for {@link #broken} before the error
         */
        Part(FileChannel file, long begin, long end, boolean waits) {
            this.file = file;
            this.position = begin;
            this.end = end;
            this.broken = new CountDownLatch(waits ? 1 : 0);
        }

        /** What the end is. */
        int end() throws IOException {
            sent.complete(null);
            try {
                broken.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new IOException("cut");
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (position >= end) return end();
            int most = (int) Math.min(length, end - position);
            int count = file.read(ByteBuffer.wrap(bytes, offset, most), position);
            position += Math.max(0, count);
            return count;
        }
    }

    /** All bytes from a position on. */
    private static class Rest extends Part {
        Rest(FileChannel file, long begin, long end) {
            super(file, begin, end, false);
        }

        @Override
        int end() {
            return -1;
        }
    }
}
