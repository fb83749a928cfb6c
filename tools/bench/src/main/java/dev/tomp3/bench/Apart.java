package dev.tomp3.bench;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import dev.tomp3.embedded.FreePort;
import dev.tomp3.embedded.QpidDeclarables;
import dev.tomp3.servers.TestBroker;
import dev.tomp3.servers.TestDatabase;
import dev.tomp3.servers.TestMongo;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The services as processes of their own, with any number of converters. Their servers are in this
 * JVM, unless {@code TEST_BACK_ENDS} or {@code TEST_MONGODB_URI} and the like say otherwise.
 */
final class Apart extends Tomp3 {
    private static final String LOOPBACK = "127.0.0.1";

    /** Without the class path. */
    static final List<String> FLAGS =
            List.of(
                    "-Xmx256m",
                    "-XX:+UseSerialGC",
                    "-XX:+ExitOnOutOfMemoryError",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow");

    private enum Service {
        AUTH("auth-service", "dev.tomp3.auth.AuthService", "AUTH_PORT"),
        GATEWAY("gateway-service", "dev.tomp3.gateway.GatewayService", "GATEWAY_PORT"),
        CONVERTER("converter-service", "dev.tomp3.converter.ConverterService", "METRICS_PORT"),
        NOTIFICATION(
                "notification-service",
                "dev.tomp3.notification.NotificationService",
                "METRICS_PORT");

        /** The directory that its jar was extracted to. */
        private final String directory;

        private final String main;
        private final String port;

        Service(String directory, String main, String port) {
            this.directory = directory;
            this.main = main;
            this.port = port;
        }
    }

    final TestMongo documents;

    /** Of the media, with a store in files. */
    final Path media;

    private final TestBroker broker;
    private final TestDatabase users;
    private final Path directory;
    private final Path services;
    private final String store;
    private final List<Program> programs = new ArrayList<>();
    private final List<URI> addresses = new ArrayList<>();
    private final List<URI> converters = new ArrayList<>();
    private final String password = UUID.randomUUID().toString();
    private final URI auth;
    private final URI gateway;

    /**
     * Starts all, and returns when they are ready.
     *
     * @param services where the services' jars were extracted to
     * @param directory for data and logs
     * @param store {@code files} or {@code gridfs}
     */
    Apart(Path services, Path directory, String store, int converters)
            throws IOException, InterruptedException {
        this.services = services;
        this.directory = Files.createDirectories(directory);
        this.media = directory.resolve("media");
        this.store = store.equals("files") ? "files:" + media : store;
        Path data = Files.createDirectories(directory.resolve("servers"));
        broker = TestBroker.alone(data);
        documents = TestMongo.alone(data.resolve("documents.mv"));
        users = TestDatabase.alone(data);
        try {
            Path keys = Files.createDirectories(directory.resolve("keys"));
            Files.writeString(keys.resolve("key.pem"), key());
            auth = start(Service.AUTH, "auth", Map.of("JWT_KEYS_DIR", keys.toString()));
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
            return false; // it starts
        }
    }

    private URI start(Service service, String name, Map<String, String> special)
            throws IOException {
        int port = FreePort.next();
        Map<String, String> environment = new HashMap<>(RAISED);
        environment.put("BIND", LOOPBACK);
        environment.put(service.port, Integer.toString(port));
        environment.putAll(special);
        if (service == Service.AUTH) {
            users.settings()
                    .forEach((key, value) ->
                            environment.put(key.toUpperCase(Locale.ROOT).replace('.', '_'), value));
            environment.put("MYSQL_PASSWORD", users.password());
            environment.put("ADMIN_EMAIL", ADMIN);
            environment.put("ADMIN_PASSWORD", password);
        } else {
            environment.put("MONGODB_URI", documents.uri());
            for (String setting : broker.settings()) {
                String[] pair = setting.substring(2).split("=", 2);
                environment.put(pair[0], pair[1]);
            }
            environment.put("MEDIA_STORE", store);
            if (isEmbedded()) environment.put("GRIDFS_CHUNK", "255KB");
        }
        programs.add(new Program(name, directory, command(service, name), environment));
        URI address = URI.create("http://" + LOOPBACK + ":" + port);
        addresses.add(address);
        return address;
    }

    /** Whether the document store is in this JVM. */
    private static boolean isEmbedded() {
        return System.getenv("TEST_MONGODB_URI") == null
                && !"containers".equals(System.getenv("TEST_BACK_ENDS"));
    }

    private List<String> command(Service service, String name) throws IOException {
        List<String> path = new ArrayList<>();
        try (Stream<Path> jars = Files.list(services.resolve(service.directory))) {
            jars.map(Path::toString).filter(file -> file.endsWith(".jar")).forEach(path::add);
        }
        boolean qpid = broker.declarables() instanceof QpidDeclarables && service != Service.AUTH;
        if (qpid) path.add(home(QpidDeclarables.class));
        if (users.url().startsWith("jdbc:h2:") && service == Service.AUTH)
            path.add(home(org.h2.Driver.class));
        List<String> command = java(directory, name, path, service.main);
        if (qpid) command.add("--spring.main.sources=" + QpidDeclarables.class.getName());
        return command;
    }

    /** A command that runs a class with the flags of all services. */
    static List<String> java(Path directory, String name, List<String> path, String main) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(FLAGS);
        command.add(Program.gcOption(directory, name));
        command.add("-cp");
        command.add(String.join(System.getProperty("path.separator"), path));
        command.add(main);
        return command;
    }

    /** The jar or directory that a class comes from. */
    private static String home(Class<?> type) {
        return Path.of(
                        URI.create(
                                type.getProtectionDomain()
                                        .getCodeSource()
                                        .getLocation()
                                        .toString()))
                .toString();
    }

    private static String key() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(3072);
            byte[] der = generator.generateKeyPair().getPrivate().getEncoded();
            return "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
                    .formatted(Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
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
        try (MongoClient client = MongoClients.create(documents.uri())) {
            return StoreCost.storeCpu(client.getDatabase(documents.database()));
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
        broker.close();
        documents.close();
        users.end();
    }
}
