package dev.tomp3.converter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tomp3.converter.conversion.Conversion;
import dev.tomp3.converter.conversion.ConversionFailed;
import dev.tomp3.converter.conversion.Limits;
import dev.tomp3.converter.conversion.Mp3;
import dev.tomp3.converter.ffmpeg.Ffmpeg;
import dev.tomp3.converter.ffmpeg.Ffmpegs;
import dev.tomp3.converter.ffmpeg.WorkDirectory;
import dev.tomp3.converter.mp3.EncoderPermits;
import dev.tomp3.converter.mp3.Mp3File;
import dev.tomp3.converter.source.OneFile;
import dev.tomp3.jobs.Options;
import dev.tomp3.jobs.Warning;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The {@link Corpus} goes through each ffmpeg. Whatever a file is, the right thing becomes of it,
 * within the limits; nothing else is read, no process and no file is left, and good files in
 * between come out as ever.
 */
class HostileFilesTest {
    private static final int THREADS = 2;
    private static final int BETWEEN_GOOD_ONES = 20;

    private static final Limits LIMITS =
            new Limits(
                    Duration.ofHours(12),
                    64 << 20,
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(5),
                    Duration.ofSeconds(60));

    private static final Pattern SECONDS = Pattern.compile("(\\d+\\.\\d) s");

    @TempDir static Path directory;

    private static Canary canary;
    private static Path good;
    private static List<Corpus.Case> corpus;

    @AfterAll
    static void close() throws IOException {
        canary.close();
    }

    /** With the bundled ffmpeg, which is the same everywhere, so that the files are, too. */
    @BeforeAll
    static void make() throws IOException {
        Ffmpeg bundled = Ffmpegs.bundled();
        TestMedia media = new TestMedia(directory, bundled.binary());
        canary = new Canary(media.tone(TestMedia.Kind.TS, Canary.HERTZ, 3));
        good = media.tone(TestMedia.Kind.MP4, 440, Corpus.SECONDS);
        corpus = Corpus.of(media, canary);
        assertThat(corpus).hasSizeGreaterThanOrEqualTo(300);
        assertThat(corpus).extracting(Corpus.Case::name).doesNotHaveDuplicates();
    }

    static Stream<Named<Ffmpeg>> ffmpegs() {
        return Ffmpegs.all();
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void every_file_gets_what_is_right_and_harms_nothing(Ffmpeg ffmpeg) throws Exception {
        Path root = Files.createTempDirectory(directory, "work");
        try (WorkDirectory work = WorkDirectory.open(root);
                ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Corpus.Case> files =
                    Ffmpegs.isBundled(ffmpeg) || Ffmpegs.NIGHTLY
                            ? corpus
                            : corpus.stream().filter(Corpus.Case::everyVersion).toList();
            Run run = new Run(ffmpeg, work);
            run.good = run.convert(good, "good.mp4");
            AtomicInteger next = new AtomicInteger();
            List<Future<?>> workers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                workers.add(
                        threads.submit(() -> {
                            for (int at = next.getAndIncrement();
                                    at < files.size();
                                    at = next.getAndIncrement()) {
                                run.judge(files.get(at));
                                if (at % BETWEEN_GOOD_ONES == 0) run.checkGood(files.get(at));
                            }
                            return null;
                        }));
            }
            for (Future<?> worker : workers) worker.get();
            Files.write(
                    Path.of("target", "hostile-files-" + ffmpeg.version() + ".tsv"),
                    run.outcomes.entrySet().stream()
                            .map(outcome -> outcome.getKey() + "\t" + outcome.getValue())
                            .toList());
            System.out.printf(
                    "ffmpeg %s: %d files: %d done, %d refused, %d wrong%n",
                    ffmpeg.version(),
                    files.size(),
                    run.done.get(),
                    run.refused.get(),
                    run.wrong.size());
            assertThat(canary.visits()).as("who came to the canary").isEmpty();
            assertThat(run.wrong).isEmpty();
            assertThat(ffmpegsIn(root)).isEmpty();
        }
        try (Stream<Path> left = Files.list(root)) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .containsExactly("workers.lock");
        }
    }

    @Test
    void the_canary_notices_who_comes() throws Exception {
        try (Canary other = new Canary(good)) {
            for (String address : other.addresses()) {
                InetSocketAddress target =
                        new InetSocketAddress(
                                address.startsWith("[") ? "::1" : "127.0.0.1",
                                Integer.parseInt(other.port()));
                new Socket(target.getAddress(), target.getPort()).close();
                try (DatagramSocket socket = new DatagramSocket()) {
                    socket.send(new DatagramPacket(new byte[1], 1, target));
                }
            }
            List<String> seen = new ArrayList<>();
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> {
                        seen.addAll(other.visits());
                        return seen.size() == 2 * other.addresses().size();
                    });
        }
    }

    private static List<String> ffmpegsIn(Path root) {
        return ProcessHandle.current()
                .descendants()
                .map(process -> process.info().commandLine().orElse(""))
                .filter(command -> command.contains(root.toString()))
                .toList();
    }

    private static final class Run {
        private final Ffmpeg ffmpeg;
        private final TestMedia media;
        private final WorkDirectory work;
        private final AtomicInteger done = new AtomicInteger();
        private final AtomicInteger refused = new AtomicInteger();
        private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
        private final Map<String, String> outcomes = new ConcurrentSkipListMap<>();
        private volatile byte[] good = {};

        Run(Ffmpeg ffmpeg, WorkDirectory work) {
            this.ffmpeg = ffmpeg;
            this.media = new TestMedia(directory, ffmpeg.binary());
            this.work = work;
        }

        /** As a worker does it. */
        private byte[] convert(Path file, String name)
                throws ConversionFailed, IOException, InterruptedException {
            Path attempt = work.newAttempt();
            try {
                Mp3 mp3 =
                        new Conversion(ffmpeg, new EncoderPermits(2), LIMITS)
                                .run(
                                        new OneFile(file).source(),
                                        name,
                                        Options.NONE,
                                        attempt,
                                        percent -> {});
                return Files.readAllBytes(mp3.path());
            } finally {
                WorkDirectory.delete(attempt);
            }
        }

        void judge(Corpus.Case file) {
            String outcome = "";
            try {
                Path path = Files.createTempFile(directory, "case", "");
                Files.write(path, file.content().bytes());
                try {
                    outcome = outcome(file, path);
                } finally {
                    Files.delete(path);
                }
            } catch (Exception e) {
                outcome = "wrong: " + e;
            }
            outcomes.put(file.name(), outcome);
            if (outcome.startsWith("wrong")) wrong.add(file.name() + ": " + outcome);
        }

        private String outcome(Corpus.Case file, Path path) throws Exception {
            Path attempt = work.newAttempt();
            try {
                Mp3 mp3 =
                        new Conversion(ffmpeg, new EncoderPermits(2), LIMITS)
                                .run(
                                        new OneFile(path).source(),
                                        file.fileName(),
                                        file.options(),
                                        attempt,
                                        percent -> {});
                done.incrementAndGet();
                return converted(file, path, mp3);
            } catch (ConversionFailed e) {
                refused.incrementAndGet();
                String code = e.failure().code().wire();
                return file.right().on(ffmpeg).codes().contains(e.failure().code())
                        ? code
                        : "wrong: " + code;
            } finally {
                WorkDirectory.delete(attempt);
            }
        }

        private String converted(Corpus.Case file, Path path, Mp3 mp3) throws Exception {
            double seconds = Mp3File.read(mp3.path()).duration().toMillis() / 1000.0;
            Corpus.Right right = file.right().on(ffmpeg);
            double atMost = right.atMost();
            double atLeast = right.atLeast();
            if (Double.isNaN(atMost)) {
                double silence = filledSeconds(mp3);
                double decoded = media.decoded(path).toMillis() / 1000.0 + silence;
                // the warning names tenths of a second
                double tolerance = silence == 0 ? 0.05 : 0.15;
                atMost = decoded + tolerance;
                atLeast = Math.max(atLeast, decoded - tolerance);
            }
            String outcome = "done, %.3f s".formatted(seconds);
            return right.done() && seconds >= atLeast && seconds <= atMost
                    ? outcome
                    : "wrong: %s of %.3f to %.3f".formatted(outcome, atLeast, atMost);
        }

        /** How much silence stands for missing time, as the owner is told. */
        private static double filledSeconds(Mp3 mp3) {
            return mp3.warnings().stream()
                    .filter(warning -> warning.code() == Warning.Code.GAPS_FILLED)
                    .map(warning -> SECONDS.matcher(warning.message()))
                    .filter(Matcher::find)
                    .mapToDouble(found -> Double.parseDouble(found.group(1)))
                    .sum();
        }

        void checkGood(Corpus.Case before) throws Exception {
            byte[] now = convert(HostileFilesTest.good, "good.mp4");
            if (!Arrays.equals(now, good))
                wrong.add("A good file after " + before.name() + " is not as before");
        }
    }
}
