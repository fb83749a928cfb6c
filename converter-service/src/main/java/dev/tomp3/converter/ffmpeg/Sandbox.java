package dev.tomp3.converter.ffmpeg;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What keeps an ffmpeg that a hostile file has taken over from everything but its own job. It
 * promises that such a program
 *
 * <ul>
 *   <li>reads no file but system libraries and those of its {@link Reach}, writes only the latter,
 *       and so neither fills the disk nor sees other jobs, keys or {@code /proc};
 *   <li>starts no process, and so cannot outlive its job; signals or traces none, this service
 *       included;
 *   <li>opens no connection but to the port of its source.
 * </ul>
 *
 * <p>The kernel keeps this for each thread of the program and of what it becomes, without any
 * privilege. What is there depends on the kernel: {@link #layers()}.
 */
public final class Sandbox {
    private static final Logger log = LoggerFactory.getLogger(Sandbox.class);

    /** What to do where the kernel does not offer everything. */
    public enum Mode {
        REQUIRED,
        AUTO,
        OFF
    }

    /** What is kept away. */
    public enum Layer {
        LIMITS("CPU time, memory and processes (prlimit of util-linux)"),
        CALLS("system calls (seccomp)"),
        FILES("files and other processes (Landlock, Linux 5.13)"),
        NETWORK("the network (Landlock, Linux 6.7)");

        private final String description;

        Layer(String description) {
            this.description = description;
        }
    }

    /**
     * What the kernel holds a process to.
     *
     * @param memory of its address space, in bytes
     * @param fileSize of each file that it writes, in bytes
     */
    record Limits(Duration cpu, long memory, long fileSize) {}

    /** Where programs and libraries are, and what the C library opens. */
    private static final List<String> SYSTEM =
            List.of(
                    "/usr",
                    "/bin",
                    "/lib",
                    "/lib64",
                    "/nix/store",
                    "/etc/ld.so.cache",
                    "/dev/null",
                    "/dev/urandom");

    private static final String ARCHITECTURE = System.getProperty("os.arch");
    private static final int VERSION_WITH_NETWORK = 4;
    private static final int SECONDS_TO_ANSWER = 20;
    private static final int MAX_PROCESSES = 4096;

    /** From the signal that its CPU time is used up to the kill. */
    private static final int SECONDS_TO_EXIT = 5;

    private static final int PR_SET_DUMPABLE = 4;

    private final @Nullable Path prlimit;
    private final @Nullable Path perl;
    private final Set<Layer> layers;

    private Sandbox(@Nullable Path prlimit, @Nullable Path perl, Set<Layer> layers) {
        this.prlimit = prlimit;
        this.perl = perl;
        this.layers = Collections.unmodifiableSet(layers);
    }

    /**
     * Finds out what this machine offers, and hides the memory of this process from others of the
     * same user.
     *
     * @throws IllegalStateException when something that is required is missing
     */
    public static Sandbox find(Mode mode) throws IOException, InterruptedException {
        @Nullable Path prlimit = SearchPath.find("prlimit").orElse(null);
        boolean tried = mode != Mode.OFF && System.getProperty("os.name").equals("Linux");
        @Nullable Path perl = tried ? SearchPath.find("perl").orElse(null) : null;
        Set<Layer> layers = EnumSet.noneOf(Layer.class);
        if (prlimit != null) layers.add(Layer.LIMITS);
        if (perl != null) layers.addAll(offered(perl));
        Sandbox found = new Sandbox(prlimit, perl, layers);
        Set<Layer> missing = EnumSet.allOf(Layer.class);
        missing.removeAll(layers);
        if (!missing.isEmpty()) {
            String what =
                    missing.stream().map(l -> l.description).collect(Collectors.joining(", "));
            String cause = "";
            if (mode == Mode.OFF) cause = " SANDBOX is off.";
            else if (tried && perl == null) cause = " Perl, which starts it, is not installed.";
            if (mode == Mode.REQUIRED) {
                throw new IllegalStateException(
                        ("SANDBOX=required, but on this machine the sandbox of ffmpeg does not"
                             + " cover %s.%s Use a kernel that offers it, or SANDBOX=auto for what"
                             + " there is")
                                .formatted(what, cause));
            }
            log.warn(
                    "A hostile file that takes ffmpeg over has the rights of this service: the"
                            + " sandbox does not cover {}.{}",
                    what,
                    cause);
        }
        if (tried) hideMemory();
        if (missing.isEmpty())
            log.info(
                    "ffmpeg runs in a sandbox with limits, for system calls, files and the"
                            + " network");
        return found;
    }

    private static Set<Layer> offered(Path perl) throws IOException, InterruptedException {
        Process check =
                new ProcessBuilder(perl.toString(), "-e", SCRIPT, "check", ARCHITECTURE)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try {
            check.getOutputStream().close();
            if (!check.waitFor(SECONDS_TO_ANSWER, TimeUnit.SECONDS) || check.exitValue() != 0)
                return EnumSet.noneOf(Layer.class);
            int landlock = Integer.parseInt(check.inputReader().readLine());
            if (landlock == 0) return EnumSet.of(Layer.CALLS);
            return landlock < VERSION_WITH_NETWORK
                    ? EnumSet.of(Layer.CALLS, Layer.FILES)
                    : EnumSet.of(Layer.CALLS, Layer.FILES, Layer.NETWORK);
        } finally {
            check.destroyForcibly();
        }
    }

    /**
     * From now on only the administrator may read {@code environ}, {@code mem} and {@code fd} of
     * this process in {@code /proc}. A hostile program behind a gap in the sandbox cannot either.
     */
    @SuppressWarnings("restricted")
    private static void hideMemory() {
        Linker linker = Linker.nativeLinker();
        MethodHandle prctl =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("prctl"),
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG),
                        Linker.Option.firstVariadicArg(1));
        try {
            if ((int) prctl.invokeExact(PR_SET_DUMPABLE, 0L) != 0)
                throw new IllegalStateException("prctl(PR_SET_DUMPABLE) failed");
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** What is kept away here. */
    public Set<Layer> layers() {
        return layers;
    }

    /** The same without some layers: to show what each is for. */
    Sandbox without(Layer... fewer) {
        Set<Layer> left = EnumSet.noneOf(Layer.class);
        left.addAll(layers);
        left.removeAll(List.of(fewer));
        return new Sandbox(prlimit, perl, left);
    }

    /** Precedes the command line of a program that is confined; empty without a sandbox. */
    List<String> command(Path binary, Reach reach, Limits limits) throws IOException {
        List<String> line = new ArrayList<>();
        if (prlimit != null && layers.contains(Layer.LIMITS)) {
            long seconds = Math.max(1, limits.cpu.toSeconds());
            line.addAll(
                    List.of(
                            prlimit.toString(),
                            "--cpu=" + seconds + ":" + (seconds + SECONDS_TO_EXIT),
                            "--as=" + limits.memory,
                            "--fsize=" + limits.fileSize,
                            "--nproc=" + MAX_PROCESSES,
                            "--core=0"));
        }
        if (perl == null || Set.of(Layer.LIMITS).containsAll(layers)) return line;
        line.addAll(List.of(perl.toString(), "-e", SCRIPT, ARCHITECTURE));
        for (Layer layer : layers) line.add(layer.name().toLowerCase(Locale.ROOT));
        for (String path : SYSTEM) line.add("read=" + path);
        line.add("read=" + binary.toRealPath());
        for (Path file : reach.reads()) line.add("read=" + file);
        for (Path file : reach.writes()) line.add("write=" + file);
        if (reach.source() != null) line.add("port=" + reach.source().getPort());
        line.add("--");
        return line;
    }

    private static final String SCRIPT = script();

    private static String script() {
        try (InputStream in =
                Objects.requireNonNull(Sandbox.class.getResourceAsStream("confine.pl"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
