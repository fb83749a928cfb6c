package dev.tomp3.chaos;

import dev.tomp3.processes.Service;
import dev.tomp3.servers.Wire;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One replica of a service: a process that is restarted whenever it ends, as an orchestrator does.
 * Its connections to its dependencies can be cut and delayed separately.
 */
final class Instance {
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(40);

    final Service service;
    final String name;
    final Map<Dependency, Wire> wires;
    private final int port;
    private List<String> command;
    private final Map<String, String> environment;
    private final Path log;
    private final HttpClient http;

    private @Nullable Process process;
    private boolean wanted;
    private boolean expected;

    Instance(
            Service service,
            String name,
            int port,
            Map<Dependency, Wire> wires,
            List<String> command,
            Map<String, String> environment,
            Path log,
            HttpClient http) {
        this.service = service;
        this.name = name;
        this.port = port;
        this.wires = wires;
        this.command = command;
        this.environment = environment;
        this.log = log;
        this.http = http;
    }

    /** What is run from the next start on. */
    synchronized void command(List<String> changed) {
        command = changed;
    }

    /**
     * Changes a setting from the next start on.
     *
     * @return its former value
     */
    synchronized String set(String name, String value) {
        return Objects.requireNonNullElse(environment.put(name, value), "");
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + port);
    }

    synchronized void start() {
        wanted = true;
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(command));
        builder.environment().keySet().retainAll(List.of("PATH", "HOME", "LANG", "LC_ALL"));
        builder.environment().putAll(environment);
        File file = log.toFile();
        try {
            process =
                    builder.redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.appendTo(file))
                            .start();
        } catch (IOException e) {
            throw new IllegalStateException(name + " failed to start", e);
        }
        expected = false;
    }

    /**
     * Restarts the process if it ended.
     *
     * @return false if it ended unexpectedly
     */
    synchronized boolean supervise() {
        if (!wanted || running().isAlive()) return true;
        boolean wasExpected = expected;
        start();
        return wasExpected;
    }

    synchronized boolean alive() {
        return running().isAlive();
    }

    /** Sends SIGKILL, without a restart before {@link #start}. */
    synchronized void end() {
        wanted = false;
        expected = true;
        running().destroyForcibly();
    }

    synchronized void kill() {
        expected = true;
        running().destroyForcibly();
    }

    /** Sends SIGTERM, and returns when the process has ended. */
    void terminate() throws InterruptedException {
        Process stopping;
        synchronized (this) {
            expected = true;
            stopping = running();
            stopping.destroy();
        }
        if (!stopping.waitFor(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException(name + " did not stop in time");
        }
    }

    /** SIGSTOP or SIGCONT. */
    synchronized void signal(String signal) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + signal, Long.toString(running().pid())).start().waitFor();
    }

    boolean ready() {
        HttpRequest request =
                HttpRequest.newBuilder(address().resolve("/health/ready"))
                        .timeout(Duration.ofSeconds(2))
                        .build();
        try {
            return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false; // it is starting, or hangs
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Its metrics, in the format of Prometheus. */
    String metrics() throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(address().resolve("/metrics"))
                        .timeout(Duration.ofSeconds(5))
                        .build();
        return http.send(request, BodyHandlers.ofString()).body();
    }

    private Process running() {
        return Objects.requireNonNull(process);
    }

    @Override
    public String toString() {
        return name;
    }
}
