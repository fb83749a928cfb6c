package dev.tomp3.converter.ffmpeg;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;

/**
 * The ffmpegs of this machine that the tests run on: the system's where there is one, and the
 * bundled one.
 */
public final class Ffmpegs {
    private static final long MEMORY = 512L << 20;

    /**
     * Whether everything is tested on every ffmpeg, as in the nightly build: {@code
     * -Dtomp3.nightly=true}.
     */
    public static final boolean NIGHTLY = Boolean.getBoolean("tomp3.nightly");

    public static final Sandbox SANDBOX = sandbox(Sandbox.Mode.AUTO);

    /** For programs that stand for ffmpeg, and start others. */
    public static final Sandbox NO_SANDBOX = sandbox(Sandbox.Mode.OFF);

    private static final List<Ffmpeg> FOUND = find();

    private Ffmpegs() {}

    public static Stream<Named<Ffmpeg>> all() {
        return FOUND.stream().map(ffmpeg -> Named.of("ffmpeg " + ffmpeg.version(), ffmpeg));
    }

    /**
     * Those for what does not depend on the version: the bundled one, and all of them in the
     * nightly build.
     */
    public static Stream<Named<Ffmpeg>> usual() {
        return NIGHTLY ? all() : all().skip(FOUND.size() - 1);
    }

    /**
     * The bundled one, which is the same everywhere, and starts in a tenth of the time of one that
     * is linked dynamically.
     */
    public static Ffmpeg bundled() {
        return FOUND.getLast();
    }

    public static boolean isBundled(Ffmpeg ffmpeg) {
        return ffmpeg.binary().equals(bundled().binary());
    }

    public static boolean hasPrlimit() {
        return Files.isExecutable(Path.of("/usr/bin/prlimit"));
    }

    private static Sandbox sandbox(Sandbox.Mode mode) {
        try {
            return Sandbox.find(mode);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Ffmpeg> find() {
        try {
            Path directory = Files.createDirectories(Path.of("target", "ffmpeg").toAbsolutePath());
            List<Ffmpeg> found = new ArrayList<>();
            found.add(Ffmpeg.find("", directory, MEMORY, SANDBOX, true));
            Path bundled = BundledFfmpeg.unpacked(directory).orElseThrow();
            if (!found.getFirst().binary().equals(bundled))
                found.add(Ffmpeg.bundled(directory, MEMORY, SANDBOX));
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
