package dev.tomp3.converter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.converter.conversion.Conversion;
import dev.tomp3.converter.conversion.ConversionFailed;
import dev.tomp3.converter.conversion.Limits;
import dev.tomp3.converter.conversion.Mp3;
import dev.tomp3.converter.ffmpeg.Ffmpeg;
import dev.tomp3.converter.ffmpeg.Ffmpegs;
import dev.tomp3.converter.mp3.EncoderPermits;
import dev.tomp3.converter.mp3.Mp3File;
import dev.tomp3.converter.source.OneFile;
import dev.tomp3.jobs.Options;
import dev.tomp3.jobs.Warning;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.util.FileSystemUtils;

/**
 * The {@link WorldFiles} become what their owners expect. With {@code
 * -Dtomp3.world-files=DIRECTORY} the files are kept there, to be tried with {@code ./run}.
 */
class WorldFilesTest {
    private static final Limits LIMITS =
            new Limits(
                    Duration.ofHours(12),
                    64 << 20,
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(5),
                    Duration.ofSeconds(60));

    private static final Pattern TITLE = Pattern.compile("(?m)^ *title *: (.*)$");

    @TempDir static Path temporary;

    private static ExecutorService threads;
    private static final Map<String, Future<Expected.Outcome>> OUTCOMES = new HashMap<>();
    private static final Map<String, String> SEEN = new ConcurrentSkipListMap<>();

    /** All at once: the tests only wait. */
    @BeforeAll
    static void convert() throws IOException {
        threads = Executors.newFixedThreadPool(2);
        String kept = System.getProperty("tomp3.world-files");
        Path directory = kept == null ? temporary : Files.createDirectories(Path.of(kept));
        files().forEach(arguments -> {
            WorldFiles.Row row = (WorldFiles.Row) arguments.get()[0];
            Ffmpeg ffmpeg = (Ffmpeg) arguments.get()[1];
            Path file = directory.resolve(row.name());
            OUTCOMES.put(key(row, ffmpeg), threads.submit(() -> outcome(row, file, ffmpeg)));
        });
    }

    /** Also writes what became of each file to {@code target}. */
    @AfterAll
    static void close() throws IOException {
        threads.shutdownNow();
        Files.write(Path.of("target", "world-files.txt"), SEEN.values());
    }

    /** Made with the bundled ffmpeg, which is the same everywhere, so that the files are, too. */
    static Stream<Arguments> files() {
        List<WorldFiles.Row> rows =
                WorldFiles.madeWith(new TestMedia(temporary, Ffmpegs.bundled().binary()));
        return Ffmpegs.all()
                .map(Named::getPayload)
                .flatMap(ffmpeg ->
                        rows.stream()
                                .filter(row -> Ffmpegs.NIGHTLY || isTried(row, ffmpeg))
                                .map(row -> Arguments.of(row, ffmpeg)));
    }

    private static boolean isTried(WorldFiles.Row row, Ffmpeg ffmpeg) {
        return !row.nightly() && (row.everyVersion() || ffmpeg.equals(Ffmpegs.bundled()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("files")
    void becomes_what_its_owner_expects(WorldFiles.Row row, Ffmpeg ffmpeg) throws Exception {
        Expected.Outcome outcome = OUTCOMES.get(key(row, ffmpeg)).get();

        List<String> differences = row.expected().differences(outcome);

        String seen = key(row, ffmpeg) + ": " + outcome;
        SEEN.put(key(row, ffmpeg), differences.isEmpty() ? seen : seen + ", but " + differences);
        assertThat(differences).as("%s: %s: %s", row.kind(), key(row, ffmpeg), outcome).isEmpty();
    }

    private static String key(WorldFiles.Row row, Ffmpeg ffmpeg) {
        return row.name() + " with ffmpeg " + ffmpeg.version();
    }

    private static Expected.Outcome outcome(WorldFiles.Row row, Path file, Ffmpeg ffmpeg)
            throws Exception {
        Files.write(file, row.content().bytes());
        Path attempt = Files.createTempDirectory(temporary, "attempt");
        try {
            Mp3 mp3 =
                    new Conversion(ffmpeg, new EncoderPermits(2), LIMITS)
                            .run(
                                    new OneFile(file).source(),
                                    row.name(),
                                    Options.NONE,
                                    attempt,
                                    percent -> {});
            return heard(mp3);
        } catch (ConversionFailed e) {
            return Expected.Outcome.failed(e.failure().code());
        } finally {
            FileSystemUtils.deleteRecursively(attempt);
        }
    }

    private static Expected.Outcome heard(Mp3 mp3) throws Exception {
        int channels = Mp3File.read(mp3.path()).channels();
        Path ffmpeg = Ffmpegs.bundled().binary();
        byte[] file = Files.readAllBytes(mp3.path());
        Matcher title = TITLE.matcher(new TestMedia(temporary, ffmpeg).describe(mp3.path()));
        return Expected.Outcome.done(
                mp3.duration().toMillis() / 1000.0,
                Tones.hear(mp3.path(), channels, ffmpeg),
                mp3.warnings().stream().map(Warning::code).collect(Collectors.toSet()),
                title.find() ? title.group(1) : "",
                // in UTF-16 as in Latin-1
                new String(file, 0, (int) Mp3File.tagBytes(mp3.path()), StandardCharsets.ISO_8859_1)
                        .replace("\0", ""));
    }
}
