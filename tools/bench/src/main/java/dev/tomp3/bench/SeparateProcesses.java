package dev.tomp3.bench;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import dev.tomp3.embedded.FreePort;
import dev.tomp3.processes.Servers;
import dev.tomp3.processes.Service;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The services as processes of their own, with any number of converters. */
final class SeparateProcesses extends SystemUnderTest {
    private static final String LOOPBACK = "127.0.0.1";

    /** The JVM options of every service. */
    static final List<String> JVM_OPTIONS =
            List.of(
                    "-Xmx256m",
                    "-XX:+UseSerialGC",
                    "-XX:+ExitOnOutOfMemoryError",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow");

    final Servers servers;

    /** The directory of the media, if the store is {@code files}. */
    final Path media;

    private final Path directory;
    private final String store;
    private final List<Program> programs = new ArrayList<>();
    private final List<URI> addresses = new ArrayList<>();
    private final List<URI> converters = new ArrayList<>();
    private final String password = UUID.randomUUID().toString();
    private final URI gateway;

    /**
     * Starts the system, and returns when it is ready.
     *
     * @param services the directory to which the jars of the services were extracted
     * @param directory for data and logs
     * @param store {@code files} or {@code gridfs}
     */
    SeparateProcesses(Path services, Path directory, String store, int converters)
            throws IOException, InterruptedException {
        this.directory = Files.createDirectories(directory);
        this.media = directory.resolve("media");
        this.store = store.equals("files") ? "files:" + media : store;
        servers = new Servers(services, directory);
        try {
            URI auth = start(Service.AUTH, "auth", Map.of());
            gateway =
                    start(
                            Service.GATEWAY,
                            "gateway",
                            Map.of("AUTH_SVC_ADDRESS", auth.getAuthority()));
            for (int i = 1; i <= converters; i++) {
                String name = "converter-" + i;
                this.converters.add(
                        start(
                                Service.CONVERTER,
                                name,
                                Map.of("WORK_DIR", directory.resolve(name).toString())));
            }
            URI _ = start(Service.NOTIFICATION, "notification", Map.of());
            for (URI address : addresses) await(() -> ready(address));
        } catch (IOException | InterruptedException e) {
            close();
            throw e;
        }
    }

    private static boolean ready(URI address) {
        String request =
                "GET /health/ready HTTP/1.1\r\nHost: %s\r\n\r\n".formatted(address.getAuthority());
        try (Connection connection = new Connection(address)) {
            connection.send(request);
            return connection.answer(false).status() == 200;
        } catch (IOException e) {
            return false; // it is still starting
        }
    }

    private URI start(Service service, String name, Map<String, String> special)
            throws IOException {
        int port = FreePort.next();
        Map<String, String> environment = new HashMap<>(RAISED_LIMITS);
        environment.put("BIND", LOOPBACK);
        environment.put("FFMPEG_OLD", "allow"); // of generated videos
        environment.put(service.portVariable, Integer.toString(port));
        environment.putAll(special);
        if (service == Service.AUTH) {
            environment.putAll(
                    servers.authEnvironment(servers.database.settings(), ADMIN, password));
        } else {
            environment.putAll(
                    Servers.jobEnvironment(servers.mongo.uri(), servers.broker.settings()));
            environment.put("MEDIA_STORE", store);
            if (isEmbedded()) environment.put("GRIDFS_CHUNK", "255KB");
        }
        List<String> options = new ArrayList<>(JVM_OPTIONS);
        options.add(Program.gcOption(directory, name));
        List<String> command =
                Servers.command(
                        options, servers.classPath(service), service, servers.sources(service));
        programs.add(new Program(name, directory, command, environment));
        URI address = URI.create("http://" + LOOPBACK + ":" + port);
        addresses.add(address);
        return address;
    }

    /** Whether the document store runs in this JVM. */
    private static boolean isEmbedded() {
        return System.getenv("TEST_MONGODB_URI") == null
                && !"containers".equals(System.getenv("TEST_BACK_ENDS"));
    }

    @Override
    URI gateway() {
        return gateway;
    }

    @Override
    List<URI> converters() {
        return List.copyOf(converters);
    }

    @Override
    List<Program> programs() {
        return List.copyOf(programs);
    }

    @Override
    double storeCpu() {
        if (isEmbedded()) return 0;
        try (MongoClient client = MongoClients.create(servers.mongo.uri())) {
            return StoreCost.storeCpu(client.getDatabase(servers.mongo.database()));
        }
    }

    Program program(String name) {
        return programs.stream().filter(one -> one.name.equals(name)).findAny().orElseThrow();
    }

    @Override
    User user() throws IOException {
        User user = new User(gateway, ADMIN, password);
        user.login();
        return user;
    }

    @Override
    public void close() {
        programs.forEach(Program::close);
        servers.close();
    }
}
