package dev.tomp3.converter.ffmpeg;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ffmpeg of this machine. A hostile file may take it over, so it runs with an empty
 * environment, with nothing on its standard input but a video, in a directory of its own, under
 * limits of the kernel, and in a {@link Sandbox}.
 */
public final class Ffmpeg {
    private static final Logger log = LoggerFactory.getLogger(Ffmpeg.class);

    private static final Pattern VERSION = Pattern.compile("ffmpeg version (\\S+).*");
    private static final Pattern AUDIO_CODEC =
            Pattern.compile(" D.A... (\\S+) .*?(?: \\(decoders: ([^)]*)\\).*)?");
    private static final Pattern NUMBERS = Pattern.compile("n?(\\d{1,4})\\.(\\d{1,4}).*");
    private static final Duration TIME_TO_ANSWER = Duration.ofSeconds(20);

    private static final Redirect NO_INPUT = Redirect.from(new File("/dev/null"));

    private final Path binary;
    private final String version;
    private final boolean bundled;
    private final Sandbox sandbox;
    private final long memory;
    private final Set<String> decodable;

    private Ffmpeg(
            Path binary,
            String version,
            boolean bundled,
            Sandbox sandbox,
            long memory,
            Set<String> decodable) {
        this.binary = binary;
        this.version = version;
        this.bundled = bundled;
        this.sandbox = sandbox;
        this.memory = memory;
        this.decodable = decodable;
    }

    /**
     * Finds the configured ffmpeg, else the system's, else the bundled one, which is old.
     *
     * @param named a path; empty when none is configured
     * @param directory where the bundled one may be unpacked; no other user may write to it
     * @param memory in bytes, for each process
     * @param oldAllowed whether the bundled one may be taken
     * @throws IllegalStateException when none runs, with what to do about it
     */
    public static Ffmpeg find(
            String named, Path directory, long memory, Sandbox sandbox, boolean oldAllowed)
            throws IOException, InterruptedException {
        if (!named.isEmpty()) {
            Path binary = Path.of(named).toAbsolutePath();
            Candidate candidate = candidate(binary, false, sandbox, memory);
            if (candidate.ffmpeg == null)
                throw new IllegalStateException("FFMPEG=" + named + ": " + candidate.problem);
            log.info("Using ffmpeg {} at {}, set by FFMPEG", candidate.ffmpeg.version, binary);
            return candidate.ffmpeg;
        }
        Optional<Path> system = SearchPath.find("ffmpeg");
        if (system.isPresent()) {
            Candidate candidate = candidate(system.get(), false, sandbox, memory);
            if (candidate.ffmpeg != null) {
                log.info("Using ffmpeg {} at {}", candidate.ffmpeg.version, system.get());
                return candidate.ffmpeg;
            }
            log.warn("Not using {}: {}", system.get(), candidate.problem);
        }
        return lastResort(bundled(directory, memory, sandbox), oldAllowed);
    }

    static Ffmpeg lastResort(@Nullable Ffmpeg bundled, boolean allowed) {
        if (bundled == null) {
            throw new IllegalStateException(
                    "No ffmpeg 4.4 or later with libmp3lame runs here. Install ffmpeg, or name one"
                        + " in FFMPEG; the bundled one needs a WORK_DIR on a file system that is"
                        + " not mounted noexec");
        }
        if (!allowed) {
            throw new IllegalStateException(
                    "No ffmpeg is installed, and the bundled one, %s, gets no security updates: it is"
                                    .formatted(bundled.version)
                            + " not for other people's files. Install ffmpeg, name one in FFMPEG,"
                            + " start ./run on the loopback address only (BIND=127.0.0.1), or set"
                            + " FFMPEG_OLD=allow");
        }
        log.warn(
                "Using the bundled ffmpeg {}, which gets no security updates. It is fit for"
                        + " your own files; for other people's files install ffmpeg, or name one in"
                        + " FFMPEG",
                bundled.version);
        return bundled;
    }

    /** The ffmpeg that comes with this program; null when there is none for this platform. */
    public static @Nullable Ffmpeg bundled(Path directory, long memory, Sandbox sandbox)
            throws IOException, InterruptedException {
        Optional<Path> binary = BundledFfmpeg.unpacked(directory);
        if (binary.isEmpty()) return null;
        BundledChecksum.require(binary.get());
        Candidate candidate = candidate(binary.get(), true, sandbox, memory);
        if (candidate.ffmpeg == null)
            log.warn("Not using the bundled ffmpeg: {}", candidate.problem);
        return candidate.ffmpeg;
    }

    /** The same in another sandbox. */
    Ffmpeg in(Sandbox other) {
        return new Ffmpeg(binary, version, bundled, other, memory, decodable);
    }

    /** As it prints it. */
    public String version() {
        return version;
    }

    /** The stream numbers of the audio tracks that it has no decoder for. */
    public Set<Integer> undecodable(Probe probe) {
        return probe.audio().stream()
                .filter(track -> !decodable.contains(track.codec()))
                .map(Probe.Audio::index)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Its executable file. */
    public Path binary() {
        return binary;
    }

    /**
     * Starts a process.
     *
     * @param directory its working directory
     * @param reach what it may use
     * @param cpu the limit of its CPU time
     * @param fileSize the limit of each file that it writes, in bytes
     * @param piped whether it gets a standard input
     */
    public FfmpegProcess start(
            List<String> arguments,
            Path directory,
            Reach reach,
            Duration cpu,
            long fileSize,
            boolean piped,
            FfmpegProcess.Output out,
            FfmpegProcess.Output err)
            throws IOException {
        reach.createFiles();
        List<String> command =
                new ArrayList<>(
                        sandbox.command(binary, reach, new Sandbox.Limits(cpu, memory, fileSize)));
        command.add(binary.toString());
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectInput(piped ? Redirect.PIPE : NO_INPUT);
        builder.environment().clear();
        // otherwise the C library reserves 64 MB of address space for each thread
        builder.environment().put("MALLOC_ARENA_MAX", "2");
        // with the password of the source, which everybody would see in an argument
        if (reach.source() != null)
            builder.environment().put("http_proxy", reach.source().toString());
        if (bundled) {
            // Statically linked: crashes when it loads character sets for MPEG-TS, so it is given
            // none.
            builder.environment().put("GCONV_PATH", directory.toString());
        }
        return new FfmpegProcess(builder.start(), out, err);
    }

    /**
     * A binary that may be usable.
     *
     * @param ffmpeg null when it is not
     */
    private record Candidate(@Nullable Ffmpeg ffmpeg, String problem) {}

    private static Candidate candidate(Path binary, boolean bundled, Sandbox sandbox, long memory)
            throws InterruptedException {
        Ffmpeg ffmpeg = new Ffmpeg(binary, "", bundled, sandbox, memory, Set.of());
        try {
            List<String> answer = ffmpeg.answer("-version");
            @Nullable String version =
                    answer.stream()
                            .map(VERSION::matcher)
                            .filter(Matcher::matches)
                            .map(matcher -> matcher.group(1))
                            .findFirst()
                            .orElse(null);
            if (version == null) return new Candidate(null, "it is not ffmpeg, or does not run");
            Matcher numbers = NUMBERS.matcher(version);
            if (numbers.matches()
                    && Integer.parseInt(numbers.group(1)) * 10_000
                                    + Integer.parseInt(numbers.group(2))
                            < 40_004) {
                return new Candidate(
                        null, "it is ffmpeg " + version + ", and 4.4 or later is needed");
            }
            if (ffmpeg.answer("-hide_banner", "-encoders").stream()
                    .noneMatch(line -> line.contains(" libmp3lame "))) {
                return new Candidate(null, "it is ffmpeg " + version + " without libmp3lame");
            }
            Set<String> decodable =
                    ffmpeg.answer("-hide_banner", "-codecs").stream()
                            .map(AUDIO_CODEC::matcher)
                            .filter(Matcher::matches)
                            .filter(Ffmpeg::mayDecode)
                            .map(matcher -> matcher.group(1))
                            .collect(Collectors.toUnmodifiableSet());
            return new Candidate(
                    new Ffmpeg(binary, version, bundled, sandbox, memory, decodable), "");
        } catch (IOException e) {
            return new Candidate(null, "it does not run: " + e.getMessage());
        }
    }

    /** Whether one of the decoders of a codec is wanted; one alone is called like the codec. */
    private static boolean mayDecode(Matcher codec) {
        String names = codec.group(2) == null ? codec.group(1) : codec.group(2).strip();
        return Arrays.stream(names.split(" ")).anyMatch(AudioDecoders.NAMES::contains);
    }

    private List<String> answer(String... arguments) throws IOException, InterruptedException {
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        Path directory = Path.of(System.getProperty("java.io.tmpdir"));
        try (FfmpegProcess process =
                start(
                        Arrays.asList(arguments),
                        directory,
                        Reach.NOTHING,
                        TIME_TO_ANSWER,
                        0,
                        false,
                        FfmpegProcess.Output.lines(lines::add),
                        FfmpegProcess.Output.lines(line -> {}))) {
            if (!process.ended(TIME_TO_ANSWER)) return List.of();
            return process.status() == 0 ? List.copyOf(lines) : List.of();
        }
    }
}
