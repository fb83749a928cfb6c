package dev.tomp3.chaos;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import dev.tomp3.chaos.Complaint.Kind;
import dev.tomp3.embedded.FreePort;
import dev.tomp3.embedded.QpidDeclarables;
import dev.tomp3.servers.TestBroker;
import dev.tomp3.servers.TestDatabase;
import dev.tomp3.servers.TestMongo;
import dev.tomp3.servers.Wire;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The whole system: two gateways, two converters, auth and the notifier as processes of their own,
 * the broker and the stores that were chosen, and a mail server. The second gateway's clock is a
 * minute ahead, the second converter's a minute behind.
 */
final class Deployed implements AutoCloseable {
    static final String ADMIN = "admin@example.org";
    private static final Duration SKEW = Duration.ofMinutes(1);
    private static final Duration TO_START = Duration.ofMinutes(4);
    private static final String LOOPBACK = "127.0.0.1";

    final TestBroker broker;
    final TestMongo documents;
    final TestDatabase users;
    final GreenMail mail = new GreenMail(new ServerSetup(0, LOOPBACK, ServerSetup.PROTOCOL_SMTP));
    final String adminPassword = UUID.randomUUID().toString();
    final List<Instance> instances = new ArrayList<>();
    private final Path directory;
    private final Path services;
    private @Nullable Path mounted;
    private final HttpClient http;
    private final Ledger ledger;
    private final ScheduledExecutorService supervisor =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("supervisor").daemon().factory());

    /**
     * Starts the servers.
     *
     * @param directory for everything that this run keeps
     * @param services where the services' jars were extracted to
     */
    Deployed(Path directory, Path services, HttpClient http, Ledger ledger) throws IOException {
        this.directory = directory;
        this.services = services;
        this.http = http;
        this.ledger = ledger;
        Path data = Files.createDirectories(directory.resolve("servers"));
        broker = TestBroker.alone(data);
        documents = TestMongo.alone(data.resolve("documents.mv"));
        users = TestDatabase.alone(data);
        mail.start();
    }

    /** Starts the services, and returns when all are ready. */
    void start() throws IOException, InterruptedException {
        Path keys = Files.createDirectories(directory.resolve("keys"));
        Files.writeString(keys.resolve("key.pem"), key());
        Instance auth =
                add(Service.AUTH, "auth", Duration.ZERO, Map.of("JWT_KEYS_DIR", keys.toString()));
        for (int i = 1; i <= 2; i++) {
            Duration skew = i == 1 ? Duration.ZERO : SKEW;
            add(
                    Service.GATEWAY,
                    "gateway-" + i,
                    skew,
                    Map.of("TOMP3_AUTH_PORT", Integer.toString(auth.address().getPort())));
        }
        for (int i = 1; i <= 2; i++) {
            Path work = workDirectory("converter-" + i);
            add(
                    Service.CONVERTER,
                    "converter-" + i,
                    i == 1 ? Duration.ZERO : SKEW.negated(),
                    Map.of("WORK_DIR", work.resolve("work").toString()));
        }
        add(Service.NOTIFICATION, "notification", Duration.ZERO, Map.of());
        instances.forEach(Instance::start);
        awaitReady(TO_START);
        ScheduledFuture<?> _ =
                supervisor.scheduleWithFixedDelay(this::supervise, 200, 200, TimeUnit.MILLISECONDS);
    }

    private Path workDirectory(String name) throws IOException {
        return Files.createDirectories(directory.resolve(name));
    }

    /** Makes the first converter work on a small disk of its own; null where that cannot be. */
    @Nullable Path smallDisk() throws IOException, InterruptedException {
        Path path = workDirectory("converter-1");
        if (!run("mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", path.toString())) return null;
        mounted = path;
        return path;
    }

    private static boolean run(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false; // no such command here
        }
    }

    /** Whether a mail with this id has come. */
    boolean told(String messageId) {
        try {
            for (MimeMessage mail : mail.getReceivedMessages())
                if (messageId.equals(mail.getMessageID())) return true;
        } catch (MessagingException e) {
            throw new IllegalStateException(e);
        }
        return false;
    }

    private void supervise() {
        for (Instance instance : instances) {
            if (!instance.supervise())
                ledger.complain(Kind.WRONG, instance + " ended by itself; its log says why");
        }
    }

    List<Instance> of(Service service) {
        return instances.stream().filter(one -> one.service == service).toList();
    }

    Instance one(Service service, int number) {
        List<Instance> all = of(service);
        return all.get(Math.floorMod(number, all.size()));
    }

    List<URI> gateways() {
        return of(Service.GATEWAY).stream().map(Instance::address).toList();
    }

    Stream<Wire> wires(BackEnd backEnd) {
        return instances.stream()
                .filter(one -> one.wires.containsKey(backEnd))
                .map(one -> one.wires.get(backEnd));
    }

    boolean ready() {
        return instances.stream().allMatch(Instance::ready);
    }

    private void awaitReady(Duration patience) throws InterruptedException {
        long start = System.nanoTime();
        while (!ready()) {
            if (System.nanoTime() - start > patience.toNanos()) {
                throw new IllegalStateException(
                        "not ready: %s; logs are in %s"
                                .formatted(
                                        instances.stream().filter(one -> !one.ready()).toList(),
                                        directory));
            }
            Thread.sleep(200);
        }
    }

    private Instance add(Service service, String name, Duration skew, Map<String, String> special)
            throws IOException {
        Map<BackEnd, Wire> wires = new EnumMap<>(BackEnd.class);
        Map<String, String> environment = new HashMap<>();
        int port = FreePort.next();
        environment.put("BIND", LOOPBACK);
        environment.put("AUTH_PORT", Integer.toString(port));
        environment.put("GATEWAY_PORT", Integer.toString(port));
        environment.put("METRICS_PORT", Integer.toString(port));
        environment.put("SHUTDOWN_GRACE", "6s");
        environment.put("WORKERS", "2");
        environment.put("KEEP_VIDEO", "1m");
        environment.put("TOMP3_SWEEP_ORPHANS", "10s");
        environment.putAll(special);
        if (service == Service.AUTH) {
            Wire wire = users.wire();
            wires.put(BackEnd.USERS, wire);
            users.settings(wire)
                    .forEach((key, value) ->
                            environment.put(key.toUpperCase(Locale.ROOT).replace('.', '_'), value));
            environment.put("MYSQL_PASSWORD", users.password());
            environment.put("ADMIN_EMAIL", ADMIN);
            environment.put("ADMIN_PASSWORD", adminPassword);
        } else {
            Wire store = documents.wire();
            wires.put(BackEnd.DOCUMENTS, store);
            environment.put("MONGODB_URI", documents.uri(store));
            Wire queues = new Wire(broker.host(), broker.port());
            wires.put(BackEnd.BROKER, queues);
            for (String setting : broker.settings(LOOPBACK, queues.port())) {
                String[] pair = setting.substring(2).split("=", 2);
                environment.put(pair[0], pair[1]);
            }
        }
        String authPort = environment.remove("TOMP3_AUTH_PORT");
        if (authPort != null) {
            Wire wire = new Wire(Integer.parseInt(authPort));
            wires.put(BackEnd.AUTH, wire);
            environment.put("AUTH_SVC_ADDRESS", LOOPBACK + ":" + wire.port());
        }
        if (service == Service.NOTIFICATION) {
            environment.put("SMTP_HOST", LOOPBACK);
            environment.put("SMTP_PORT", Integer.toString(mail.getSmtp().getPort()));
        }
        Instance instance =
                new Instance(
                        service,
                        name,
                        port,
                        wires,
                        command(service, skew),
                        environment,
                        directory.resolve(name + ".log"),
                        http);
        instances.add(instance);
        return instance;
    }

    private List<String> command(Service service, Duration skew) throws IOException {
        List<String> sources = new ArrayList<>();
        List<String> path = new ArrayList<>();
        try (Stream<Path> jars = Files.list(services.resolve(service.directory))) {
            jars.map(Path::toString).filter(file -> file.endsWith(".jar")).forEach(path::add);
        }
        if (!skew.isZero()) {
            sources.add(SkewedClock.class.getName());
            path.add(alone(SkewedClock.class));
        }
        if (broker.declarables() instanceof QpidDeclarables && service != Service.AUTH) {
            sources.add(QpidDeclarables.class.getName());
            path.add(home(QpidDeclarables.class));
        }
        if (users.url().startsWith("jdbc:h2:") && service == Service.AUTH)
            path.add(home(org.h2.Driver.class));
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx192m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+ExitOnOutOfMemoryError",
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-cp",
                                String.join(System.getProperty("path.separator"), path),
                                service.main));
        if (!sources.isEmpty()) command.add("--spring.main.sources=" + String.join(",", sources));
        if (!skew.isZero()) command.add("--chaos.skew=" + skew);
        return command;
    }

    /** A directory with this class and no other: its jar would bring all that it needs itself. */
    private String alone(Class<?> type) throws IOException {
        Path root = directory.resolve("alone");
        String name = type.getName().replace('.', '/') + ".class";
        Path file = root.resolve(name);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        try (InputStream in = type.getResourceAsStream("/" + name)) {
            Files.copy(Objects.requireNonNull(in), file, StandardCopyOption.REPLACE_EXISTING);
        }
        return root.toString();
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
            generator.initialize(2048);
            byte[] der = generator.generateKeyPair().getPrivate().getEncoded();
            return "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
                    .formatted(Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Ends everything at once. */
    @Override
    public void close() {
        supervisor.shutdownNow();
        instances.forEach(Instance::end);
        mail.stop();
        broker.close();
        documents.close();
        users.end();
        try {
            if (mounted != null) run("umount", "-l", mounted.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        mounted = null;
    }
}
