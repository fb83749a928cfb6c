package dev.tomp3.bench;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** The ffmpeg that the service would use, run directly. */
final class Ffmpeg {
    private final String binary;
    private final Path directory;

    private Ffmpeg(String binary, Path directory) {
        this.binary = binary;
        this.directory = directory;
    }

    /**
     * The one that {@code FFMPEG} names, else the system's, else the bundled one.
     *
     * @param directory for its output
     */
    static Ffmpeg find(Path directory) throws IOException {
        String named = Objects.requireNonNullElse(System.getenv("FFMPEG"), "");
        if (!named.isEmpty()) return new Ffmpeg(named, directory);
        boolean onPath =
                Arrays.stream(
                                Objects.requireNonNullElse(System.getenv("PATH"), "")
                                        .split(File.pathSeparator, -1))
                        .anyMatch(path -> Files.isExecutable(Path.of(path, "ffmpeg")));
        return new Ffmpeg(onPath ? "ffmpeg" : unpacked(directory), directory);
    }

    private static String unpacked(Path directory) throws IOException {
        String name = "ffmpeg-" + System.getProperty("os.arch");
        @Nullable URL resource =
                Ffmpeg.class.getClassLoader().getResource("ws/schild/jave/nativebin/" + name);
        if (resource == null) throw new IOException("no ffmpeg found: install it");
        Path binary = directory.resolve(name);
        try (InputStream in = resource.openStream()) {
            Files.copy(in, binary, StandardCopyOption.REPLACE_EXISTING);
        }
        if (!binary.toFile().setExecutable(true))
            throw new IOException(binary + " cannot be made executable");
        return binary.toString();
    }

    /** The duration and CPU time of a run, in seconds. */
    record Run(double wall, double cpu) {}

    /** Converts with the command line that a user would type. */
    Run convert(Path video) throws IOException, InterruptedException {
        return run(plain(video, "plain"));
    }

    /**
     * Converts the same video several times, some of them at once. Returns the total duration and
     * CPU time.
     */
    Run convert(Path video, int times, int atOnce) throws IOException, InterruptedException {
        double before = Usage.ofEndedChildren();
        long start = System.nanoTime();
        try (ExecutorService threads = Executors.newFixedThreadPool(atOnce)) {
            List<Future<Run>> runs = new ArrayList<>();
            for (int i = 0; i < times; i++) {
                String name = "plain-" + i;
                Callable<Run> run = () -> run(plain(video, name), name);
                runs.add(threads.submit(run));
            }
            for (Future<Run> run : runs) run.get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
        return new Run(User.since(start), Usage.ofEndedChildren() - before);
    }

    private String[] plain(Path video, String name) {
        String mp3 = directory.resolve(name + ".mp3").toString();
        return new String[] {
            "-i", video.toString(), "-vn", "-c:a", "libmp3lame", "-b:a", "192k", mp3
        };
    }

    /** The first line of {@code ffmpeg -version}. */
    String version() throws IOException, InterruptedException {
        Path output = directory.resolve("ffmpeg-version.log");
        start(List.of(binary, "-version"), output);
        try (var lines = Files.lines(output)) {
            return lines.findFirst().orElse("");
        }
    }

    Run run(String... arguments) throws IOException, InterruptedException {
        return run(arguments, "ffmpeg");
    }

    private Run run(String[] arguments, String log) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(binary, "-nostdin", "-hide_banner", "-nostats", "-y"));
        command.addAll(List.of(arguments));
        double before = Usage.ofEndedChildren();
        long start = System.nanoTime();
        start(command, directory.resolve(log + ".log"));
        return new Run(User.since(start), Usage.ofEndedChildren() - before);
    }

    private static void start(List<String> command, Path log)
            throws IOException, InterruptedException {
        Process process =
                ChildProcesses.add(
                        new ProcessBuilder(command)
                                .redirectErrorStream(true)
                                .redirectOutput(log.toFile())
                                .start());
        try {
            if (process.waitFor() != 0) {
                throw new IOException("%s failed: see %s".formatted(command, log));
            }
        } finally {
            ChildProcesses.end(process);
        }
    }
}
