package dev.tomp3.chaos;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import dev.tomp3.chaos.Violation.Kind;
import dev.tomp3.embedded.FreePort;
import dev.tomp3.processes.Servers;
import dev.tomp3.processes.Service;
import dev.tomp3.servers.MongoProxy;
import dev.tomp3.servers.TestMongo;
import dev.tomp3.servers.Wire;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The whole system: two gateways, two converters, auth and the notifier as processes of their own,
 * the broker, the stores and a mail server. The clock of the second gateway is a minute ahead, that
 * of the second converter a minute behind.
 */
final class Deployment implements AutoCloseable {
    static final String ADMIN = "admin@example.org";
    private static final Duration SKEW = Duration.ofMinutes(1);
    private static final Duration START_TIMEOUT = Duration.ofMinutes(10);
    private static final String LOOPBACK = "127.0.0.1";
    private static final String STRAYS = "TOMP3_SWEEP_STRAYS";
    private static final List<String> JVM_OPTIONS =
            List.of(
                    "-Xmx192m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+ExitOnOutOfMemoryError",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow");

    final Servers servers;

    /** Between the wires of all services and MongoDB. */
    final MongoProxy documents;

    final GreenMail mail = new GreenMail(new ServerSetup(0, LOOPBACK, ServerSetup.PROTOCOL_SMTP));
    final WebhookReceiver webhooks = new WebhookReceiver();
    final String adminPassword = UUID.randomUUID().toString();
    final List<Instance> instances = new ArrayList<>();
    private final Map<String, Duration> skews = new HashMap<>();
    private final Path directory;
    private @Nullable Path mounted;
    private final HttpClient http;
    private final Ledger ledger;
    private final ScheduledExecutorService supervisor =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("supervisor").daemon().factory());

    /**
     * Starts the servers.
     *
     * @param directory for all files of this run
     * @param services the directory to which the jars of the services were extracted
     */
    Deployment(Path directory, Path services, HttpClient http, Ledger ledger) throws IOException {
        this.directory = directory;
        this.http = http;
        this.ledger = ledger;
        servers = new Servers(services, directory);
        documents = servers.mongo.proxy();
        mail.start();
    }

    /** Starts the services, and returns when all of them are ready. */
    void start() throws IOException, InterruptedException {
        Instance auth = add(Service.AUTH, "auth", Duration.ZERO, Map.of());
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
        awaitReady(START_TIMEOUT);
        ScheduledFuture<?> _ =
                supervisor.scheduleWithFixedDelay(this::supervise, 200, 200, TimeUnit.MILLISECONDS);
    }

    /**
     * Lets the services look for strays, at the end, on the embedded server: it reads all chunks
     * for that, and answers nobody meanwhile.
     */
    void lookForStrays() throws InterruptedException {
        if (!TestMongo.isEmbedded()) return;
        for (Instance instance : instances) {
            if (!Set.of(Service.GATEWAY, Service.CONVERTER).contains(instance.service)) continue;
            instance.set(STRAYS, "20s");
            instance.terminate();
            long start = System.nanoTime();
            while (!instance.ready() && System.nanoTime() - start < START_TIMEOUT.toNanos())
                Thread.sleep(200);
        }
    }

    private Path workDirectory(String name) throws IOException {
        return Files.createDirectories(directory.resolve(name));
    }

    /**
     * Mounts a small disk for the first converter; null if that is not possible. It has room for
     * the bundled ffmpeg, which is unpacked there.
     */
    @Nullable Path smallDisk() throws IOException, InterruptedException {
        Path path = workDirectory("converter-1");
        if (!run("mount", "-t", "tmpfs", "-o", "size=128m", "tmpfs", path.toString())) return null;
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
            return false; // the command does not exist
        }
    }

    /** Whether a mail with this id was received. */
    boolean notified(String messageId) {
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
                ledger.report(Kind.WRONG, instance + " ended unexpectedly; see its log");
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

    Stream<Wire> wires(Dependency dependency) {
        return instances.stream()
                .filter(one -> one.wires.containsKey(dependency))
                .map(one -> one.wires.get(dependency));
    }

    boolean ready() {
        return instances.stream().allMatch(Instance::ready);
    }

    private void awaitReady(Duration timeout) throws InterruptedException {
        long start = System.nanoTime();
        while (!ready()) {
            for (Instance instance : instances) {
                if (!instance.alive())
                    throw new IllegalStateException(
                            instance + " ended; see its log in " + directory);
            }
            if (System.nanoTime() - start > timeout.toNanos()) {
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
        skews.put(name, skew);
        Map<Dependency, Wire> wires = new EnumMap<>(Dependency.class);
        Map<String, String> environment = new HashMap<>();
        int port = FreePort.next();
        environment.put("BIND", LOOPBACK);
        environment.put("FFMPEG_OLD", "allow"); // of generated videos
        environment.put(service.portVariable, Integer.toString(port));
        environment.put("SHUTDOWN_GRACE", "6s");
        environment.put("MAX_LOGINS_PER_MINUTE", "0");
        environment.put("MAX_REQUESTS_PER_MINUTE_PER_ADDRESS", "0");
        environment.put("WORKERS", "2");
        environment.put("KEEP_VIDEO", "1m");
        // longer than any fault, so that only uploads that a restore brought back expire
        environment.put("KEEP_UPLOAD", "4m");
        environment.put("RETENTION_PAUSE", "15s");
        environment.put("TOMP3_SWEEP_ORPHANS", "10s");
        environment.put(STRAYS, TestMongo.isEmbedded() ? "0s" : "3m");
        environment.putAll(special);
        if (service == Service.AUTH) {
            Wire wire = servers.database.wire();
            wires.put(Dependency.MYSQL, wire);
            environment.putAll(
                    servers.authEnvironment(servers.database.settings(wire), ADMIN, adminPassword));
        } else {
            Wire store = new Wire(documents.port());
            wires.put(Dependency.MONGODB, store);
            Wire queues = new Wire(servers.broker.host(), servers.broker.port());
            wires.put(Dependency.BROKER, queues);
            environment.putAll(
                    Servers.jobEnvironment(
                            servers.mongo.uri(store),
                            servers.broker.settings(LOOPBACK, queues.port())));
        }
        String authPort = environment.remove("TOMP3_AUTH_PORT");
        if (authPort != null) {
            Wire wire = new Wire(Integer.parseInt(authPort));
            wires.put(Dependency.AUTH, wire);
            environment.put("AUTH_SVC_ADDRESS", LOOPBACK + ":" + wire.port());
        }
        if (service == Service.NOTIFICATION) {
            environment.put("SMTP_HOST", LOOPBACK);
            environment.put("SMTP_PORT", Integer.toString(mail.getSmtp().getPort()));
            environment.put("WEBHOOK_ALLOW", LOOPBACK);
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

    /** How far the clock of an instance is ahead. */
    Duration skewOf(Instance instance) {
        return Objects.requireNonNull(skews.get(instance.name));
    }

    /** The command that starts a service whose clock is this far ahead. */
    List<String> command(Service service, Duration skew) throws IOException {
        List<String> classPath = servers.classPath(service);
        List<String> sources = new ArrayList<>(servers.sources(service));
        if (!skew.isZero()) {
            sources.add(SkewedClock.class.getName());
            classPath.add(directoryOf(SkewedClock.class));
        }
        List<String> command = Servers.command(JVM_OPTIONS, classPath, service, sources);
        if (!skew.isZero()) command.add("--chaos.skew=" + skew);
        return command;
    }

    /** Copies a class to a directory of its own: its jar would bring all its dependencies. */
    private String directoryOf(Class<?> type) throws IOException {
        Path root = directory.resolve("classes");
        String name = type.getName().replace('.', '/') + ".class";
        Path file = root.resolve(name);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        try (InputStream in = type.getResourceAsStream("/" + name)) {
            Files.copy(Objects.requireNonNull(in), file, StandardCopyOption.REPLACE_EXISTING);
        }
        return root.toString();
    }

    /** Kills the services and stops the servers. */
    @Override
    public void close() {
        supervisor.shutdownNow();
        instances.forEach(Instance::end);
        mail.stop();
        webhooks.close();
        try {
            documents.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        servers.close();
        try {
            if (mounted != null) run("umount", "-l", mounted.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        mounted = null;
    }
}
