package dev.tomp3.processes;

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
import java.util.stream.Stream;

/**
 * A broker, a document store and a database of users, and how the services are started on them. The
 * servers are embedded in this JVM, unless {@code TEST_BACK_ENDS} or {@code TEST_MONGODB_URI} and
 * the like choose others.
 */
public final class Servers implements AutoCloseable {
    public final TestBroker broker;
    public final TestMongo mongo;
    public final TestDatabase database;
    private final Path services;
    private final Path keys;

    /**
     * Starts the servers.
     *
     * @param services the directory to which the jars of the services were extracted
     * @param directory for the data of the servers and the signing key
     */
    public Servers(Path services, Path directory) throws IOException {
        this.services = services;
        Path data = Files.createDirectories(directory.resolve("servers"));
        broker = TestBroker.alone(data);
        mongo = TestMongo.alone(data.resolve("documents.mv"));
        database = TestDatabase.alone(data);
        keys = Files.createDirectories(directory.resolve("keys"));
        Files.writeString(keys.resolve("key.pem"), signingKey());
    }

    /**
     * The environment of auth.
     *
     * @param settings of the database, see {@link TestDatabase#settings}
     */
    public Map<String, String> authEnvironment(
            Map<String, String> settings, String adminEmail, String adminPassword) {
        Map<String, String> environment = new HashMap<>();
        settings.forEach((key, value) ->
                environment.put(key.toUpperCase(Locale.ROOT).replace('.', '_'), value));
        environment.put("MYSQL_PASSWORD", database.password());
        environment.put("JWT_KEYS_DIR", keys.toString());
        environment.put("ADMIN_EMAIL", adminEmail);
        environment.put("ADMIN_PASSWORD", adminPassword);
        return environment;
    }

    /**
     * The environment of the other services.
     *
     * @param brokerSettings see {@link TestBroker#settings}
     */
    public static Map<String, String> jobEnvironment(String mongoUri, List<String> brokerSettings) {
        Map<String, String> environment = new HashMap<>();
        environment.put("MONGODB_URI", mongoUri);
        for (String setting : brokerSettings) {
            String[] pair = setting.substring("--".length()).split("=", 2);
            environment.put(pair[0], pair[1]);
        }
        return environment;
    }

    /** The class path of a service, with what it needs for embedded servers. */
    public List<String> classPath(Service service) throws IOException {
        List<String> path = new ArrayList<>();
        try (Stream<Path> jars = Files.list(services.resolve(service.directory))) {
            jars.map(Path::toString).filter(file -> file.endsWith(".jar")).forEach(path::add);
        }
        for (String source : sources(service)) path.add(location(source));
        if (service == Service.AUTH && database.url().startsWith("jdbc:h2:"))
            path.add(location("org.h2.Driver"));
        return path;
    }

    /** Configuration classes that a service needs in addition for embedded servers. */
    public List<String> sources(Service service) {
        return service != Service.AUTH && broker.declarables() instanceof QpidDeclarables
                ? List.of(QpidDeclarables.class.getName())
                : List.of();
    }

    /** The command that starts a service. */
    public static List<String> command(
            List<String> jvmOptions,
            List<String> classPath,
            Service service,
            List<String> sources) {
        List<String> command = java(jvmOptions, classPath, service.main);
        if (!sources.isEmpty()) command.add("--spring.main.sources=" + String.join(",", sources));
        return command;
    }

    /** The command that runs a class with this JVM's Java. */
    public static List<String> java(List<String> jvmOptions, List<String> classPath, String main) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.add("-cp");
        command.add(String.join(System.getProperty("path.separator"), classPath));
        command.add(main);
        return command;
    }

    /** The jar or directory from which a class is loaded. */
    private static String location(String type) {
        try {
            URI location =
                    Class.forName(type).getProtectionDomain().getCodeSource().getLocation().toURI();
            return Path.of(location).toString();
        } catch (ReflectiveOperationException | java.net.URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String signingKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            byte[] der = generator.generateKeyPair().getPrivate().getEncoded();
            return "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
                    .formatted(Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        broker.close();
        mongo.close();
        database.end();
    }
}
