package dev.tomp3.endtoend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * The system as {@code docker compose} runs it, with its own secrets, networks and volumes, on free
 * ports. The images must be there: {@code docker compose build}. {@code TEST_MONGODB_IMAGE} names
 * another image of MongoDB than {@code docker-compose.yml}.
 */
final class ComposedSystem implements Deployment {
    private static final String RESOURCES = "testing/end-to-end/src/test/resources/";

    private final String project = "tomp3-test-" + UUID.randomUUID().toString().substring(0, 8);
    private final Path directory;
    private final Map<String, String> environment = new HashMap<>();
    private final List<String> files = new ArrayList<>(List.of("compose.journeys.yml"));

    /**
     * Whether the images of the stores are not the official ones, but made on a machine without a
     * registry: that of MongoDB has one user only, and that of MySQL runs no scripts.
     */
    private final boolean standIns;

    private ComposedSystem(Path directory) {
        this.directory = directory;
        // an image that is not there yet will be the official one
        this.standIns =
                shell(List.of("docker", "image", "ls", "--quiet", "mongo:8.0")).length() > 0
                        && inspect("mongo:8.0", "{{.Config.Entrypoint}}").startsWith("[java");
        if (standIns) files.add("compose.stand-ins.yml");
        if (System.getenv("TEST_MONGODB_IMAGE") != null) files.add("compose.mongodb.yml");
    }

    /** Makes secrets, starts all containers and returns when they are healthy. */
    static ComposedSystem start(Path directory, Map<String, String> environment) {
        return start(new ComposedSystem(directory), environment);
    }

    /** The same with a second gateway, {@link #secondGateway}, the service {@code gateway-2}. */
    static ComposedSystem startWithTwoGateways(Path directory, Map<String, String> environment) {
        ComposedSystem system = new ComposedSystem(directory);
        system.files.add("compose.two-gateways.yml");
        if (system.standIns) system.files.add("compose.two-gateways.stand-ins.yml");
        int port = RunningSystem.Ports.free().gateway();
        system.environment.put("SECOND_GATEWAY_PORT", Integer.toString(port));
        return start(system, environment);
    }

    private static ComposedSystem start(ComposedSystem system, Map<String, String> environment) {
        RunningSystem.Ports free = RunningSystem.Ports.free();
        system.environment.put("GATEWAY_PORT", Integer.toString(free.gateway()));
        system.environment.put("AUTH_PORT", Integer.toString(free.auth()));
        system.environment.put("RABBITMQ_PAGE_PORT", Integer.toString(free.converter()));
        system.environment.put("PROMETHEUS_PORT", Integer.toString(free.converter() + 1));
        // networks of two systems must not overlap
        system.environment.put(
                "EDGE_NETWORK", "10.219." + ThreadLocalRandom.current().nextInt(256));
        system.environment.put("REGISTRATION", "open");
        system.environment.put("MAX_LOGINS_PER_MINUTE", "0");
        system.environment.put("MAX_REQUESTS_PER_MINUTE_PER_ADDRESS", "0");
        system.environment.putAll(environment);
        system.shell(List.of("./make-env", system.directory.toString()));
        try {
            if (system.standIns) {
                system.up("mysql");
                system.compose("exec", "mysql", "bash", "/docker-entrypoint-initdb.d/users.sh");
            }
            system.up();
        } catch (RuntimeException e) {
            system.close();
            throw e;
        }
        return system;
    }

    /** {@code docker compose up --wait} with these arguments. */
    void up(String... arguments) {
        List<String> all = new ArrayList<>(List.of("up", "--detach", "--wait"));
        all.addAll(List.of(arguments));
        compose(all.toArray(String[]::new));
    }

    /** {@code docker compose} with these arguments, and what it says. */
    String compose(String... arguments) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "docker",
                                "compose",
                                "--project-name",
                                project,
                                "--env-file",
                                directory.resolve(".env").toString(),
                                "--file",
                                "docker-compose.yml"));
        for (String file : files) command.addAll(List.of("--file", RESOURCES + file));
        command.addAll(List.of(arguments));
        return shell(command);
    }

    private String shell(List<String> command) {
        return Shell.run(directory, environment, command);
    }

    /** Takes a store's disk away; its container must be gone. */
    void removeVolume(String name) {
        shell(List.of("docker", "volume", "rm", project + "_" + name));
    }

    /** The names of a service's containers. */
    List<String> containers(String service) {
        return compose("ps", "--all", "--quiet", service).lines().toList();
    }

    /** {@code docker inspect} of a container, by a Go template. */
    String inspect(String container, String template) {
        return shell(List.of("docker", "inspect", "--format", template, container)).strip();
    }

    /** What a container that compose does not list has logged. */
    String logOf(String container) {
        return shell(List.of("docker", "logs", container));
    }

    /** Removes such a container. */
    void remove(String container) {
        shell(List.of("docker", "rm", "--force", "--volumes", container));
    }

    @Override
    public URI gateway() {
        return URI.create("http://localhost:" + environment.get("GATEWAY_PORT"));
    }

    URI secondGateway() {
        return URI.create("http://localhost:" + environment.get("SECOND_GATEWAY_PORT"));
    }

    @Override
    public URI auth() {
        return URI.create("http://localhost:" + environment.get("AUTH_PORT"));
    }

    @Override
    public URI converter() {
        return unpublished("converter", 9100);
    }

    @Override
    public URI notification() {
        return unpublished("notification", 9100);
    }

    @Override
    public URI gatewayMetrics() {
        return unpublished("gateway", 9100);
    }

    @Override
    public URI authMetrics() {
        return unpublished("auth", 9100);
    }

    URI prometheus() {
        return URI.create("http://localhost:" + environment.get("PROMETHEUS_PORT"));
    }

    /** The first three numbers of the addresses in the network of the gateway and auth. */
    String edge() {
        return environment.get("EDGE_NETWORK");
    }

    /** What no port of this machine leads to is reached over the bridge. */
    URI unpublished(String service, int port) {
        String address =
                inspect(
                                containers(service).getFirst(),
                                "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}")
                        .split(" ", -1)[0];
        return URI.create("http://" + address + ":" + port);
    }

    @Override
    public String administrator() {
        return setting("ADMIN_EMAIL") + ":" + setting("ADMIN_PASSWORD");
    }

    /** A line of .env. */
    String setting(String name) {
        try (Stream<String> lines = Files.lines(directory.resolve(".env"))) {
            return lines.filter(line -> line.startsWith(name + "="))
                    .map(line -> line.substring(name.length() + 1))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public List<String> log() {
        return compose("logs", "--no-color", "--no-log-prefix").lines().toList();
    }

    @Override
    public boolean ffmpegRuns() {
        return compose("top", "converter").contains("ffmpeg");
    }

    @Override
    public void close() {
        compose("--profile", "monitoring", "down", "--volumes", "--timeout", "5");
    }
}
