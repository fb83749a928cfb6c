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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ffmpeg of this machine. It is treated as a program that a stranger's file may take over: it
 * starts with an empty environment, nothing on its standard input but a video, a directory of its
 * own, and limits on CPU time, memory, file size and processes that the kernel holds (where {@code
 * prlimit} of util-linux is installed).
 */
public final class Ffmpeg {
    private static final Logger log = LoggerFactory.getLogger(Ffmpeg.class);

    private static final Pattern VERSION = Pattern.compile("ffmpeg version (\\S+).*");
    private static final Pattern NUMBERS = Pattern.compile("n?(\\d{1,4})\\.(\\d{1,4}).*");
    private static final Duration TO_ANSWER = Duration.ofSeconds(20);
    private static final int MAX_PROCESSES = 4096;

    private static final Redirect NOTHING = Redirect.from(new File("/dev/null"));

    /** Between ffmpeg being told that its CPU time is over, and the end. */
    private static final int SECONDS_TO_GIVE_UP = 5;

    private final Path binary;
    private final String version;
    private final boolean bundled;
    private final @Nullable Path prlimit;
    private final long memory;

    private Ffmpeg(
            Path binary, String version, boolean bundled, @Nullable Path prlimit, long memory) {
        this.binary = binary;
        this.version = version;
        this.bundled = bundled;
        this.prlimit = prlimit;
        this.memory = memory;
    }

    /**
     * The one that was named, else the system's, else the bundled one, which is old.
     *
     * @param named a path; empty when none was named
     * @param directory our own, where the bundled one may be unpacked
     * @param memory in bytes, for each ffmpeg
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
            Attempt attempt = attempt(binary, false, prlimit, memory);
            if (attempt.ffmpeg == null)
                throw new IllegalStateException("FFMPEG=" + named + ": " + attempt.objection);
            log.info("ffmpeg {} at {}, as FFMPEG says", attempt.ffmpeg.version, binary);
            return attempt.ffmpeg;
        }
        Optional<Path> system = onPath("ffmpeg");
        if (system.isPresent()) {
            Attempt attempt = attempt(system.get(), false, prlimit, memory);
            if (attempt.ffmpeg != null) {
                log.info("ffmpeg {} at {}", attempt.ffmpeg.version, system.get());
                return attempt.ffmpeg;
            }
            log.warn("Not using {}: {}", system.get(), attempt.objection);
        }
        Ffmpeg bundled = bundled(directory, memory);
        if (bundled != null) {
            log.warn(
                    "Using the bundled ffmpeg {}, which nobody patches. Good for your own files;"
                            + " for strangers' install ffmpeg, or name one in FFMPEG",
                    bundled.version);
            return bundled;
        }
        throw new IllegalStateException(
                "No ffmpeg 4.4 or later with libmp3lame runs here. Install ffmpeg, or name one in"
                        + " FFMPEG; the bundled one needs a WORK_DIR on a file system that is not"
                        + " mounted noexec");
    }

    /** The one that comes with this program, where there is one for this kind of machine. */
    public static @Nullable Ffmpeg bundled(Path directory, long memory)
            throws IOException, InterruptedException {
        Optional<Path> binary = unpacked(directory);
        if (binary.isEmpty()) return null;
        Attempt attempt = attempt(binary.get(), true, onPath("prlimit").orElse(null), memory);
        if (attempt.ffmpeg == null) log.warn("Not using the bundled ffmpeg: {}", attempt.objection);
        return attempt.ffmpeg;
    }

    public String version() {
        return version;
    }

    public Path binary() {
        return binary;
    }

    /**
     * Starts it.
     *
     * @param directory its own, where it may write
     * @param cpu its CPU time, together
     * @param fileSize how large a file it may write, in bytes
     * @param fed that it is given something on its standard input
     */
    public FfmpegProcess start(
            List<String> arguments,
            Path directory,
            Duration cpu,
            long fileSize,
            boolean fed,
            FfmpegProcess.Output out,
            FfmpegProcess.Output err)
            throws IOException {
        List<String> command = new ArrayList<>();
        if (prlimit != null) {
            long seconds = Math.max(1, cpu.toSeconds());
            command.addAll(
                    List.of(
                            prlimit.toString(),
                            "--cpu=" + seconds + ":" + (seconds + SECONDS_TO_GIVE_UP),
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
                        .redirectInput(fed ? Redirect.PIPE : NOTHING);
        builder.environment().clear();
        if (bundled) {
            // Being linked statically it crashes on the character sets that it would load for
            // MPEG-TS:
            // in an empty directory it finds none.
            builder.environment().put("GCONV_PATH", directory.toString());
        }
        return new FfmpegProcess(builder.start(), out, err);
    }

    private record Attempt(@Nullable Ffmpeg ffmpeg, String objection) {}

    private static Attempt attempt(
            Path binary, boolean bundled, @Nullable Path prlimit, long memory)
            throws InterruptedException {
        Ffmpeg ffmpeg = new Ffmpeg(binary, "", bundled, prlimit, memory);
        try {
            List<String> said = ffmpeg.answer("-version");
            @Nullable String version =
                    said.stream()
                            .map(VERSION::matcher)
                            .filter(Matcher::matches)
                            .map(matcher -> matcher.group(1))
                            .findFirst()
                            .orElse(null);
            if (version == null) return new Attempt(null, "it is not ffmpeg, or does not run");
            Matcher numbers = NUMBERS.matcher(version);
            if (numbers.matches()
                    && Integer.parseInt(numbers.group(1)) * 10_000
                                    + Integer.parseInt(numbers.group(2))
                            < 40_004) {
                return new Attempt(
                        null, "it is ffmpeg " + version + ", and 4.4 or later is needed");
            }
            if (ffmpeg.answer("-hide_banner", "-encoders").stream()
                    .noneMatch(line -> line.contains(" libmp3lame "))) {
                return new Attempt(null, "it is ffmpeg " + version + " without libmp3lame");
            }
            return new Attempt(new Ffmpeg(binary, version, bundled, prlimit, memory), "");
        } catch (IOException e) {
            return new Attempt(null, "it does not run: " + e.getMessage());
        }
    }

    private List<String> answer(String... arguments) throws IOException, InterruptedException {
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        Path directory = Path.of(System.getProperty("java.io.tmpdir"));
        try (FfmpegProcess process =
                start(
                        Arrays.asList(arguments),
                        directory,
                        TO_ANSWER,
                        0,
                        false,
                        FfmpegProcess.Output.lines(lines::add),
                        FfmpegProcess.Output.lines(line -> {}))) {
            if (!process.ended(TO_ANSWER)) return List.of();
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
     * The binary of JAVE, but not by JAVE's locator, which trusts what lies at a path that anyone
     * may write.
     */
    public static Optional<Path> unpacked(Path directory) throws IOException {
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
