package dev.tomp3.endtoend;

import dev.tomp3.converter.ffmpeg.Ffmpegs;
import dev.tomp3.embedded.FreePort;
import dev.tomp3.servers.StandaloneCommand;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The whole system in its own process, as {@code ./run} starts it, on free ports. */
final class RunningSystem implements Deployment {
    private static final Pattern READY = Pattern.compile("ready (http://localhost:\\d+)");
    private static final Pattern ACCOUNT = Pattern.compile("export USER_PASSWORD='([^:]+):(.*)'");
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** Free ports for one system. */
    record Ports(int gateway, int auth, int converter) {
        static Ports free() {
            try {
                return new Ports(FreePort.next(), FreePort.next(), FreePort.pair());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private final Process process;
    private final List<String> output;
    private final File log;
    final Ports ports;

    private RunningSystem(Process process, List<String> output, File log, Ports ports) {
        this.process = process;
        this.output = output;
        this.log = log;
        this.ports = ports;
    }

    /** Starts it and returns when it says that it is ready. */
    static RunningSystem start(Path data, Map<String, String> environment) {
        RunningSystem system = launch(data, environment, List.of());
        if (system.output.stream().noneMatch(line -> READY.matcher(line).matches())) {
            system.kill();
            throw new IllegalStateException(
                    "Not ready: " + system.output + "; its log is in " + system.log);
        }
        return system;
    }

    /** Runs it with arguments to its end. */
    static Ended run(Path data, Map<String, String> environment, String... arguments) {
        RunningSystem system = launch(data, environment, List.of(arguments));
        try {
            if (!system.process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("Did not end; its log is in " + system.log);
            }
            return new Ended(
                    system.process.exitValue(),
                    system.output,
                    Files.readAllLines(system.log.toPath()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            system.kill();
        }
    }

    /** The exit status of a process and what it printed. */
    record Ended(int status, List<String> output, List<String> errors) {}

    private static RunningSystem launch(
            Path data, Map<String, String> environment, List<String> arguments) {
        Ports ports = Ports.free();
        List<String> command = StandaloneCommand.with();
        command.addAll(arguments);
        try {
            File log = File.createTempFile("tomp3-", ".log", new File("target"));
            ProcessBuilder builder =
                    new ProcessBuilder(command).directory(data.toFile()).redirectError(log);
            builder.environment().put("DATA_DIR", data.resolve("data").toString());
            builder.environment().put("GATEWAY_PORT", Integer.toString(ports.gateway()));
            builder.environment().put("AUTH_PORT", Integer.toString(ports.auth()));
            builder.environment().put("METRICS_PORT", Integer.toString(ports.converter()));
            // the same everywhere, and it starts in a tenth of the time of one that is linked
            // dynamically
            builder.environment().put("FFMPEG", Ffmpegs.bundled().binary().toString());
            builder.environment().putAll(environment);
            Process process = builder.start();
            List<String> output = new ArrayList<>();
            Thread reader =
                    Thread.ofVirtual()
                            .start(() -> {
                                try (BufferedReader lines = process.inputReader()) {
                                    for (String line = lines.readLine();
                                            line != null;
                                            line = lines.readLine()) {
                                        synchronized (output) {
                                            output.add(line);
                                            output.notifyAll();
                                        }
                                    }
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            });
            awaitReadyOrEnd(process, output, reader, arguments.isEmpty());
            synchronized (output) {
                return new RunningSystem(process, List.copyOf(output), log, ports);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A server prints two lines: that it is ready, and the administrator's account. */
    private static void awaitReadyOrEnd(
            Process process, List<String> output, Thread reader, boolean serving)
            throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        synchronized (output) {
            while (System.nanoTime() < end && (process.isAlive() || reader.isAlive())) {
                if (serving && output.size() >= 2) return;
                output.wait(100);
            }
        }
    }

    @Override
    public URI gateway() {
        return URI.create("http://localhost:" + ports.gateway());
    }

    @Override
    public URI auth() {
        return URI.create("http://localhost:" + ports.auth());
    }

    @Override
    public URI converter() {
        return URI.create("http://localhost:" + ports.converter());
    }

    @Override
    public URI notification() {
        return URI.create("http://localhost:" + (ports.converter() + 1));
    }

    /** As the first start shows it. */
    @Override
    public String administrator() {
        return output.stream()
                .map(ACCOUNT::matcher)
                .filter(Matcher::matches)
                .map(found -> found.group(1) + ":" + found.group(2))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("No password in " + output));
    }

    @Override
    public List<String> log() {
        try {
            return Files.readAllLines(log.toPath());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<String> output() {
        return output;
    }

    @Override
    public boolean ffmpegRuns() {
        return process.descendants()
                .anyMatch(child ->
                        child.info()
                                .command()
                                .filter(command -> command.contains("ffmpeg"))
                                .isPresent());
    }

    /** Runs a garbage collection, so that used memory is live memory. */
    void collectGarbage() {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        try {
            new ProcessBuilder(jcmd, Long.toString(process.pid()), "GC.run")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Kills the process, as a power failure would. */
    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /**
     * Stops the process with SIGTERM, as an orchestrator would.
     *
     * @return the exit status
     */
    int stop() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("Does not stop; its log is in " + log);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        kill();
    }
}
