package dev.tomp3.embedded;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A child JVM that prints a line for each acknowledged write, and is killed with SIGKILL while it
 * writes.
 */
final class KilledJvm {
    private KilledJvm() {}

    /**
     * Runs the program with a path as its argument, kills it after a number of lines, and returns
     * all the lines that it printed.
     */
    static List<String> run(Class<?> program, Path path, int lines)
            throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-cp",
                                System.getProperty("java.class.path"),
                                program.getName(),
                                path.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        List<String> printed = new ArrayList<>();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                printed.add(line);
                if (printed.size() == lines) {
                    // SIGKILL; on the process itself this would close its output, too
                    process.toHandle().destroyForcibly();
                }
            }
        } finally {
            process.destroyForcibly();
        }
        process.waitFor(10, TimeUnit.SECONDS);
        if (printed.size() < lines) {
            throw new IllegalStateException("ended early after " + printed);
        }
        return printed;
    }
}
