package dev.tomp3.converter.ffmpeg;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
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
 * environment, with nothing on its standard input but a video, in a directory of its own, and under
 * kernel limits on CPU time, memory, file size and processes (where {@code prlimit} of util-linux
 * is installed).
 */
public final class Ffmpeg {
    private static final Logger log = LoggerFactory.getLogger(Ffmpeg.class);

    private static final Pattern VERSION = Pattern.compile("ffmpeg version (\\S+).*");
    private static final Pattern AUDIO_DECODER = Pattern.compile(" D.A... (\\S+) .*");
    private static final Pattern NUMBERS = Pattern.compile("n?(\\d{1,4})\\.(\\d{1,4}).*");
    private static final Duration TIME_TO_ANSWER = Duration.ofSeconds(20);
    private static final int MAX_PROCESSES = 4096;

    private static final Redirect NO_INPUT = Redirect.from(new File("/dev/null"));

    /** From the signal that its CPU time is used up to the kill. */
    private static final int SECONDS_TO_EXIT = 5;

    private final Path binary;
    private final String version;
    private final boolean bundled;
    private final @Nullable Path prlimit;
    private final long memory;
    private final Set<String> decodable;

    private Ffmpeg(
            Path binary,
            String version,
            boolean bundled,
            @Nullable Path prlimit,
            long memory,
            Set<String> decodable) {
        this.binary = binary;
        this.version = version;
        this.bundled = bundled;
        this.prlimit = prlimit;
        this.memory = memory;
        this.decodable = decodable;
    }

    /**
     * Finds the configured ffmpeg, else the system's, else the bundled one, which is old.
     *
     * @param named a path; empty when none is configured
     * @param directory where the bundled one may be unpacked; no other user may write to it
     * @param memory in bytes, for each process
     * @throws IllegalStateException when none runs, with what to do about it
     */
    public static Ffmpeg find(String named, Path directory, long memory)
            throws IOException, InterruptedException {
        @Nullable Path prlimit = onPath("prlimit").orElse(null);
        if (prlimit == null) {
            log.warn(
                    "prlimit (util-linux) is not installed: ffmpeg runs without limits on CPU,"
                            + " memory and processes");
        }
        if (!named.isEmpty()) {
            Path binary = Path.of(named).toAbsolutePath();
            Candidate candidate = candidate(binary, false, prlimit, memory);
            if (candidate.ffmpeg == null)
                throw new IllegalStateException("FFMPEG=" + named + ": " + candidate.problem);
            log.info("Using ffmpeg {} at {}, set by FFMPEG", candidate.ffmpeg.version, binary);
            return candidate.ffmpeg;
        }
        Optional<Path> system = onPath("ffmpeg");
        if (system.isPresent()) {
            Candidate candidate = candidate(system.get(), false, prlimit, memory);
            if (candidate.ffmpeg != null) {
                log.info("Using ffmpeg {} at {}", candidate.ffmpeg.version, system.get());
                return candidate.ffmpeg;
            }
            log.warn("Not using {}: {}", system.get(), candidate.problem);
        }
        Ffmpeg bundled = bundled(directory, memory);
        if (bundled != null) {
            log.warn(
                    "Using the bundled ffmpeg {}, which gets no security updates. It is fit for"
                        + " your own files; for other people's files install ffmpeg, or name one in"
                        + " FFMPEG",
                    bundled.version);
            return bundled;
        }
        throw new IllegalStateException(
                "No ffmpeg 4.4 or later with libmp3lame runs here. Install ffmpeg, or name one in"
                        + " FFMPEG; the bundled one needs a WORK_DIR on a file system that is not"
                        + " mounted noexec");
    }

    /** The ffmpeg that comes with this program; null when there is none for this platform. */
    public static @Nullable Ffmpeg bundled(Path directory, long memory)
            throws IOException, InterruptedException {
        Optional<Path> binary = unpacked(directory);
        if (binary.isEmpty()) return null;
        BundledChecksum.require(binary.get());
        Candidate candidate = candidate(binary.get(), true, onPath("prlimit").orElse(null), memory);
        if (candidate.ffmpeg == null)
            log.warn("Not using the bundled ffmpeg: {}", candidate.problem);
        return candidate.ffmpeg;
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
     * @param cpu the limit of its CPU time
     * @param fileSize the limit of each file that it writes, in bytes
     * @param piped whether it gets a standard input
     */
    public FfmpegProcess start(
            List<String> arguments,
            Path directory,
            Duration cpu,
            long fileSize,
            boolean piped,
            FfmpegProcess.Output out,
            FfmpegProcess.Output err)
            throws IOException {
        List<String> command = new ArrayList<>();
        if (prlimit != null) {
            long seconds = Math.max(1, cpu.toSeconds());
            command.addAll(
                    List.of(
                            prlimit.toString(),
                            "--cpu=" + seconds + ":" + (seconds + SECONDS_TO_EXIT),
                            "--as=" + memory,
                            "--fsize=" + fileSize,
                            "--nproc=" + MAX_PROCESSES,
                            "--core=0"));
        }
        command.add(binary.toString());
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectInput(piped ? Redirect.PIPE : NO_INPUT);
        builder.environment().clear();
        if (bundled) {
            // It is linked statically and crashes when it loads character sets for MPEG-TS. It
            // finds
            // none in a directory without any.
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

    private static Candidate candidate(
            Path binary, boolean bundled, @Nullable Path prlimit, long memory)
            throws InterruptedException {
        Ffmpeg ffmpeg = new Ffmpeg(binary, "", bundled, prlimit, memory, Set.of());
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
                            .map(AUDIO_DECODER::matcher)
                            .filter(Matcher::matches)
                            .map(matcher -> matcher.group(1))
                            .collect(Collectors.toUnmodifiableSet());
            return new Candidate(
                    new Ffmpeg(binary, version, bundled, prlimit, memory, decodable), "");
        } catch (IOException e) {
            return new Candidate(null, "it does not run: " + e.getMessage());
        }
    }

    private List<String> answer(String... arguments) throws IOException, InterruptedException {
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        Path directory = Path.of(System.getProperty("java.io.tmpdir"));
        try (FfmpegProcess process =
                start(
                        Arrays.asList(arguments),
                        directory,
                        TIME_TO_ANSWER,
                        0,
                        false,
                        FfmpegProcess.Output.lines(lines::add),
                        FfmpegProcess.Output.lines(line -> {}))) {
            if (!process.ended(TIME_TO_ANSWER)) return List.of();
            return process.status() == 0 ? List.copyOf(lines) : List.of();
        }
    }

    private static Optional<Path> onPath(String name) {
        return Arrays.stream(
                        Optional.ofNullable(System.getenv("PATH"))
                                .orElse("")
                                .split(File.pathSeparator))
                .filter(directory -> !directory.isEmpty())
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable)
                .filter(Files::isRegularFile)
                .findFirst();
    }

    /**
     * Unpacks the binary of JAVE, without JAVE's locator, which trusts any file at a path that
     * every user may write to.
     */
    static Optional<Path> unpacked(Path directory) throws IOException {
        String system =
                System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac")
                        ? "-osx"
                        : "";
        String name = "ffmpeg-" + System.getProperty("os.arch") + system;
        @Nullable URL resource =
                Ffmpeg.class.getClassLoader().getResource("ws/schild/jave/nativebin/" + name);
        if (resource == null) return Optional.empty();
        Path binary = directory.resolve(name);
        if (Files.isRegularFile(binary)
                && Files.size(binary) == resource.openConnection().getContentLengthLong()) {
            return Optional.of(binary);
        }
        Path temporary =
                Files.createTempFile(
                        directory,
                        name,
                        "",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
        try {
            try (InputStream in = resource.openStream()) {
                Files.copy(in, temporary, StandardCopyOption.REPLACE_EXISTING);
            }
            Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx------"));
            Files.move(temporary, binary, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
        return Optional.of(binary);
    }
}
