package dev.tomp3.endtoend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Commands, run in the project's directory. */
final class Shell {
    private static final Path ROOT = Path.of("..", "..").toAbsolutePath().normalize();

    private Shell() {}

    /**
     * Runs a command to its end.
     *
     * @return what it said
     * @throws IllegalStateException with that, when it fails or takes more than five minutes
     */
    static String run(Path scratch, Map<String, String> environment, List<String> command) {
        try {
            Path output = Files.createTempFile(scratch, "output", ".txt");
            ProcessBuilder builder =
                    new ProcessBuilder(command)
                            .directory(ROOT.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            boolean ended = process.waitFor(5, TimeUnit.MINUTES);
            if (!ended) process.destroyForcibly();
            String said = Files.readString(output);
            Files.delete(output);
            if (!ended || process.exitValue() != 0) {
                throw new IllegalStateException(
                        String.join(" ", command) + (ended ? " failed: " : " hangs: ") + said);
            }
            return said;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
