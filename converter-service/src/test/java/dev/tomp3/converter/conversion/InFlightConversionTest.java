package dev.tomp3.converter.conversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tomp3.converter.TestMedia;
import dev.tomp3.converter.ffmpeg.Ffmpeg;
import dev.tomp3.converter.ffmpeg.Ffmpegs;
import dev.tomp3.converter.mp3.EncoderPermits;
import dev.tomp3.converter.source.InFlightSource;
import dev.tomp3.converter.source.OneFile;
import dev.tomp3.converter.source.Source;
import dev.tomp3.jobs.Options;
import dev.tomp3.jobs.Warning;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InFlightConversionTest {
    private static final Duration ENOUGH = Duration.ofSeconds(60);
    private static final Limits LIMITS =
            new Limits(
                    Duration.ofHours(12),
                    2L << 30,
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(5),
                    Duration.ofSeconds(60));

    private static final Duration LENGTH = Duration.ofMillis(50);

    @TempDir Path directory;
    private final ExecutorService worker = Executors.newVirtualThreadPerTaskExecutor();
    private final Ffmpeg ffmpeg = Ffmpegs.bundled();
    private TestMedia media;
    private Path attempt;

    /** A file that comes in two parts. */
    private final class Upload {
        private final byte[] bytes;
        private final int half;
        private final Path file = directory.resolve("upload");
        private volatile boolean complete;
        final InFlightSource source;

        Upload(byte[] bytes) throws IOException {
            this.bytes = bytes;
            half = bytes.length / 2;
            Files.write(file, Arrays.copyOf(bytes, half));
            source =
                    new InFlightSource(
                            new OneFile(file),
                            "one",
                            bytes.length + 300,
                            () -> complete ? OptionalLong.of(bytes.length) : OptionalLong.empty(),
                            System::nanoTime);
        }

        void ends() throws IOException {
            Files.write(
                    file, Arrays.copyOfRange(bytes, half, bytes.length), StandardOpenOption.APPEND);
            complete = true;
        }
    }

    @BeforeEach
    void listens() throws IOException {
        media = new TestMedia(directory, ffmpeg.binary());
        attempt = Files.createDirectory(directory.resolve("attempt"));
    }

    @AfterEach
    void stop() {
        worker.shutdownNow();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "first.mp4 -c:v mpeg4 -c:a aac -movflags +faststart",
                "fragments.mp4 -c:v mpeg4 -c:a mp2 -b:a 384k -movflags +frag_keyframe+empty_moov",
                "video.mkv -c:v mpeg4 -c:a flac",
                "stream.ts -vn -c:a mp2 -b:a 384k",
                "audio.ogg -vn -c:a flac",
                "audio.wav -vn -c:a pcm_s16le"
            })
    void encodes_an_upload_as_it_arrives_and_makes_the_same_bytes(String how) throws Exception {
        byte[] video = Files.readAllBytes(make(how));
        Upload upload = new Upload(video);
        Future<Mp3> early = convert(upload);
        await().atMost(ENOUGH)
                .until(() -> !upload.source.waitingForUpload().isZero() && hasBegun());
        upload.ends();
        Mp3 mp3 = early.get();
        long processes = processes();

        Path whole = directory.resolve("whole");
        Files.write(whole, video);
        attempt = Files.createDirectory(directory.resolve("second attempt"));
        Mp3 usual = convert(new OneFile(whole).source());
        assertThat(processes).isEqualTo(processes());
        assertThat(Files.readAllBytes(mp3.path())).isEqualTo(Files.readAllBytes(usual.path()));
        assertThat(mp3.duration()).isEqualTo(usual.duration());
    }

    /** Longer, or larger, than what is converted by one process. */
    private Path make(String how) {
        List<String> words = List.of(how.split(" "));
        List<String> arguments = new ArrayList<>();
        arguments.addAll(List.of("-f", "lavfi", "-i", "anoisesrc=d=125:r=44100:a=0.2:seed=3"));
        arguments.addAll(List.of("-f", "lavfi", "-i", "testsrc=size=64x48:rate=2:duration=125"));
        arguments.addAll(words.subList(1, words.size()));
        return media.make(words.getFirst(), arguments);
    }

    /**
     * The processes of ffmpeg that were started, each of which takes as long as some seconds of
     * sound.
     */
    private long processes() throws IOException {
        return Files.readAllLines(attempt.resolve("pid")).size();
    }

    private boolean hasBegun() {
        return Files.exists(attempt.resolve("segment-0.pcm"));
    }

    @Test
    void waits_for_an_index_at_the_end() throws Exception {
        byte[] video = Files.readAllBytes(make("last.mp4 -c:v mpeg4 -c:a aac"));
        Upload upload = new Upload(video);
        Future<Mp3> early = convert(upload);
        await().atMost(ENOUGH).until(() -> !upload.source.waitingForUpload().isZero());
        assertThat(hasBegun()).isFalse();
        upload.ends();
        assertThat(early.get().duration()).isCloseTo(Duration.ofSeconds(125), LENGTH);
    }

    @Test
    void judges_the_complete_file() throws Exception {
        byte[] video =
                Files.readAllBytes(make("broken.mp4 -c:v mpeg4 -c:a aac -movflags +faststart"));
        Upload upload = new Upload(Arrays.copyOf(video, video.length * 3 / 4));
        Future<Mp3> early = convert(upload);
        await().atMost(ENOUGH)
                .until(() -> !upload.source.waitingForUpload().isZero() && hasBegun());
        upload.ends();
        assertThat(early.get().warnings())
                .extracting(Warning::code)
                .containsExactly(Warning.Code.TRUNCATED);
    }

    @Test
    void leaves_no_process_when_it_is_interrupted() throws Exception {
        byte[] video = Files.readAllBytes(make("given-up.wav -vn"));
        Upload upload = new Upload(video);
        Thread thread =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                convert(upload.source);
                            } catch (Exception e) {
                                Thread.currentThread().interrupt();
                            }
                        });
        await().atMost(ENOUGH)
                .until(() -> !upload.source.waitingForUpload().isZero() && hasBegun());
        thread.interrupt();
        assertThat(thread.join(ENOUGH)).isTrue();
        assertThat(ProcessHandle.current().descendants().filter(ProcessHandle::isAlive)).isEmpty();
    }

    private Future<Mp3> convert(Upload upload) {
        Callable<Mp3> conversion = () -> convert(upload.source);
        return worker.submit(conversion);
    }

    private Mp3 convert(Source source) throws Exception {
        Conversion conversion = new Conversion(ffmpeg, new EncoderPermits(2), LIMITS);
        Options options = new Options(64, null, true, 22_050, false);
        return source instanceof InFlightSource upload
                ? new InFlightConversion(conversion)
                        .run(upload, "upload.mp4", options, attempt, percent -> {})
                : conversion.run(source, "upload.mp4", options, attempt, percent -> {});
    }
}
