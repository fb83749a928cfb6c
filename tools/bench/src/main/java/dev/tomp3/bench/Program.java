package dev.tomp3.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A JVM that was started to be measured; its children are ffmpegs. */
final class Program implements AutoCloseable {
    final String name;
    final GcLog gc;
    private final Process process;
    private final Path log;

    /**
     * Starts it.
     *
     * @param command with {@link #gcOption} for the JVM
     * @param environment in addition to this process's own
     */
    Program(String name, Path directory, List<String> command, Map<String, String> environment)
            throws IOException {
        this.name = name;
        this.gc = new GcLog(gcLog(directory, name));
        this.log = directory.resolve(name + ".log");
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        process =
                Children.add(
                        builder.redirectErrorStream(true).redirectOutput(log.toFile()).start());
    }

    /** The option that makes a JVM write down how full its heap was. */
    static String gcOption(Path directory, String name) {
        return "-Xlog:gc:file=" + gcLog(directory, name) + ":uptime:filecount=0";
    }

    private static Path gcLog(Path directory, String name) {
        return directory.resolve(name + ".gc");
    }

    long pid() {
        return process.pid();
    }

    /** All that it has said. */
    String said() throws IOException {
        return Files.readString(log, StandardCharsets.UTF_8);
    }

    void checkAlive() throws IOException {
        if (!process.isAlive()) {
            String[] lines = said().strip().split("\n", -1);
            throw new IOException(
                    "%s ended with status %d: %s (%s)"
                            .formatted(name, process.exitValue(), lines[lines.length - 1], log));
        }
    }

    /** MB that lie in memory just now, of the program itself, at most since {@link #forgetPeak}. */
    long peak() throws IOException {
        return Usage.number(
                        Files.readAllLines(Path.of("/proc", Long.toString(pid()), "status")),
                        "VmHWM")
                / 1024;
    }

    /** Lets {@link #peak} begin anew. */
    void forgetPeak() throws IOException {
        Files.writeString(Path.of("/proc", Long.toString(pid()), "clear_refs"), "5");
    }

    /** MB that lie in memory just now, of its children together. */
    long children() {
        return process.descendants().mapToLong(child -> resident(child.pid())).sum() / 1024;
    }

    private static long resident(long pid) {
        Path process = Path.of("/proc", Long.toString(pid));
        try {
            // a child that is not yet another program shares its parent's memory
            if (Files.readSymbolicLink(process.resolve("exe")).endsWith("java")) return 0;
            return Usage.number(Files.readAllLines(process.resolve("status")), "VmRSS");
        } catch (IOException e) {
            return 0; // it has ended
        }
    }

    @Override
    public void close() {
        Children.end(process);
    }
}
