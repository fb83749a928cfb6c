package dev.tomp3.servers;

import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import dev.tomp3.embedded.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.AbstractWaitStrategy;

/**
 * A server in a container that is gone with this JVM. It has started when it serves a client, which
 * no line in its log says as surely. A restart does not change its ports.
 */
final class Container extends GenericContainer<Container> {
    static final String USER = "tomp3";
    static final String PASSWORD = "correct-horse";
    private static final Duration TO_START = Duration.ofMinutes(2);
    private static final Duration PAUSE = Duration.ofMillis(300);

    /** What a client does first. */
    interface Probe {
        void ask(Container container) throws Exception;
    }

    private final Server server;
    private final Probe probe;

    private Container(Server server, Map<String, String> environment, Probe probe, int... ports) {
        super(server.image());
        this.server = server;
        this.probe = probe;
        withEnv(environment);
        List<PortBinding> bindings = new ArrayList<>();
        for (int port : ports) {
            addExposedPort(port);
            bindings.add(new PortBinding(Ports.Binding.bindPort(free()), ExposedPort.tcp(port)));
        }
        withCreateContainerCmdModifier(create ->
                Objects.requireNonNull(create.getHostConfig()).withPortBindings(bindings));
        waitingFor(
                new AbstractWaitStrategy() {
                    @Override
                    protected void waitUntilReady() {
                        awaitAnswer();
                    }
                });
    }

    static Container started(
            Server server, Map<String, String> environment, Probe probe, int... ports) {
        Container container = new Container(server, environment, probe, ports);
        container.start();
        return container;
    }

    int port(int port) {
        return getMappedPort(port);
    }

    void restart() {
        getDockerClient().restartContainerCmd(getContainerId()).exec();
        awaitAnswer();
    }

    /** Runs a command in it. */
    void run(String... command) {
        try {
            ExecResult result = execInContainer(command);
            if (result.getExitCode() != 0) throw new IllegalStateException(result.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** As if its machine lost power; its disk is kept. */
    void down() {
        getDockerClient().killContainerCmd(getContainerId()).exec();
    }

    /** Returns when it serves again. */
    void up() {
        getDockerClient().startContainerCmd(getContainerId()).exec();
        awaitAnswer();
    }

    /** It hangs: connections stand, and nothing answers. */
    void pause() {
        getDockerClient().pauseContainerCmd(getContainerId()).exec();
    }

    void unpause() {
        getDockerClient().unpauseContainerCmd(getContainerId()).exec();
    }

    private void awaitAnswer() {
        long start = System.nanoTime();
        while (true) {
            try {
                probe.ask(this);
                return;
            } catch (Exception e) {
                if (System.nanoTime() - start > TO_START.toNanos() || !isRunning()) {
                    throw new IllegalStateException(
                            "%s serves nobody:%n%s".formatted(server, getLogs()), e);
                }
            }
            try {
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    private static int free() {
        try {
            return FreePort.next(InetAddress.getByName("0.0.0.0"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
