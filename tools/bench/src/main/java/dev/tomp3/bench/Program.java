package dev.tomp3.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A process of the system that is measured: a JVM whose children are ffmpegs. */
final class Program implements AutoCloseable {
    final String name;
    final GcLog gc;
    private final Process process;
    private final Path log;

    /**
     * Starts the process.
     *
     * @param command with {@link #gcOption} for the JVM
     * @param environment in addition to the environment of this process
     */
    Program(String name, Path directory, List<String> command, Map<String, String> environment)
            throws IOException {
        this.name = name;
        this.gc = new GcLog(gcLog(directory, name));
        this.log = directory.resolve(name + ".log");
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        process =
                ChildProcesses.add(
                        builder.redirectErrorStream(true).redirectOutput(log.toFile()).start());
    }

    /** The JVM option that writes the GC log. */
    static String gcOption(Path directory, String name) {
        return "-Xlog:gc:file=" + gcLog(directory, name) + ":uptime:filecount=0";
    }

    private static Path gcLog(Path directory, String name) {
        return directory.resolve(name + ".gc");
    }

    long pid() {
        return process.pid();
    }

    /** Its output so far. */
    String output() throws IOException {
        return Files.readString(log, StandardCharsets.UTF_8);
    }

    void checkAlive() throws IOException {
        if (!process.isAlive()) {
            String[] lines = output().strip().split("\n", -1);
            throw new IOException(
                    "%s ended with status %d: %s (%s)"
                            .formatted(name, process.exitValue(), lines[lines.length - 1], log));
        }
    }

    /**
     * The peak resident memory of the process without its children since {@link #resetPeak}, in MB.
     */
    long peak() throws IOException {
        return Usage.number(
                        Files.readAllLines(Path.of("/proc", Long.toString(pid()), "status")),
                        "VmHWM")
                / 1024;
    }

    void resetPeak() throws IOException {
        Files.writeString(Path.of("/proc", Long.toString(pid()), "clear_refs"), "5");
    }

    /** The current resident memory of all its children, in MB. */
    long children() {
        return process.descendants().mapToLong(child -> resident(child.pid())).sum() / 1024;
    }

    private static long resident(long pid) {
        Path process = Path.of("/proc", Long.toString(pid));
        try {
            // a child before its exec shares the memory of its parent
            if (Files.readSymbolicLink(process.resolve("exe")).endsWith("java")) return 0;
            return Usage.number(Files.readAllLines(process.resolve("status")), "VmRSS");
        } catch (IOException e) {
            return 0; // it has ended
        }
    }

    @Override
    public void close() {
        ChildProcesses.end(process);
    }
}
