package dev.tomp3.standalone;

import dev.tomp3.embedded.EmbeddedBroker;
import dev.tomp3.embedded.EmbeddedMongo;
import dev.tomp3.embedded.QpidDeclarables;
import dev.tomp3.platform.InvalidConfiguration;
import dev.tomp3.platform.InvalidConfigurationAnalyzer;
import dev.tomp3.platform.NanoClock;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.DoubleConsumer;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ExitCodeEvent;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * The whole system in this JVM: an embedded broker, an embedded MongoDB and the four services, each
 * in an application context of its own.
 *
 * <p>Closing stops the services first, in parallel, so that each finishes or releases its work
 * while the servers are still there; the servers stop last.
 */
final class Tomp3 implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Tomp3.class);

    /** The file of the document store in the data directory. */
    static final String DOCUMENTS = "mongo.mv";

    private static final Duration READY_WITHIN = Duration.ofMinutes(2);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(50);

    private final NanoClock clock = NanoClock.system();
    private final Ports ports;
    private final EmbeddedBroker broker;
    private final EmbeddedMongo mongo;
    private final Map<Service, ConfigurableApplicationContext> contexts = new ConcurrentHashMap<>();

    private Tomp3(Ports ports, EmbeddedBroker broker, EmbeddedMongo mongo) {
        this.ports = ports;
        this.broker = broker;
        this.mongo = mongo;
    }

    /**
     * Starts the broker and the document store.
     *
     * @param space whether the disk has space for what the broker writes. Without it, the messages
     *     are kept in memory: a lost message delays its job until the sweeper sends it again
     */
    static Tomp3 startServers(DataDirectory data, Ports ports, boolean space) throws IOException {
        if (!space) log.warn("The disk of {} is full: messages are kept in memory", data.path());
        CompletableFuture<EmbeddedMongo> mongo = new CompletableFuture<>();
        String amqp = data.password("amqp");
        String documents = data.password("mongo");
        // in parallel: each takes a second
        mongo.completeAsync(() ->
                EmbeddedMongo.start(data.resolve(DOCUMENTS), 0, ServiceSettings.USER, documents));
        EmbeddedBroker broker =
                EmbeddedBroker.start(
                        space ? data.resolve("broker") : null, 0, ServiceSettings.USER, amqp);
        return new Tomp3(ports, broker, mongo.join());
    }

    /**
     * Starts the services and returns when all of them are ready.
     *
     * @param exitStatus receives the exit status when a service ends the process
     * @param progress receives the completed share of the start, from 0 to 1
     */
    void start(ServiceSettings settings, IntConsumer exitStatus, DoubleConsumer progress)
            throws CommandException, IOException, InterruptedException {
        Map<Service, Map<String, Object>> each = new EnumMap<>(Service.class);
        for (Service service : Service.values()) {
            each.put(service, settings.forService(service, broker, mongo));
        }
        ExecutorService threads =
                Executors.newThreadPerTaskExecutor(
                        Thread.ofPlatform().daemon().name("start-", 0).factory());
        ExecutorCompletionService<Service> starts = new ExecutorCompletionService<>(threads);
        each.forEach((service, properties) ->
                starts.submit(() -> {
                    try {
                        contexts.put(service, run(service, properties, exitStatus));
                    } catch (Throwable e) {
                        throw startFailure(service, e);
                    }
                    return service;
                }));
        for (int i = 0; i < each.size(); i++) {
            try {
                starts.take().get();
                progress.accept((i + 1.0) / each.size());
            } catch (ExecutionException e) {
                if (e.getCause() instanceof CommandException failure) {
                    throw failure;
                }
                throw new IllegalStateException(e.getCause());
            }
        }
        awaitReady();
    }

    /** The address of the gateway, as this machine reaches it. */
    URI gateway() {
        return URI.create("http://" + ports.authority(Service.GATEWAY));
    }

    ConfigurableApplicationContext context(Service service) {
        ConfigurableApplicationContext context = contexts.get(service);
        if (context == null) {
            throw new IllegalStateException(service + " is not running");
        }
        return context;
    }

    @Override
    public void close() {
        List<Thread> stops = new ArrayList<>();
        contexts.forEach((service, context) ->
                stops.add(Thread.ofPlatform().name("stop-" + service).start(context::close)));
        try {
            for (Thread stop : stops) {
                stop.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        broker.close();
        mongo.close();
    }

    private static ConfigurableApplicationContext run(
            Service service, Map<String, Object> properties, IntConsumer exitStatus) {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(new MapPropertySource("standalone", properties));
        ApplicationListener<ExitCodeEvent> exit = event -> exitStatus.accept(event.getExitCode());
        SpringApplicationBuilder application =
                new SpringApplicationBuilder(service.application)
                        .main(service.application)
                        .environment(environment)
                        .registerShutdownHook(false)
                        .listeners(exit);
        if (service.uses(AutoConfigurationGroup.AMQP)) {
            application.initializers(
                    (ApplicationContextInitializer<GenericApplicationContext>)
                            context ->
                                    context.registerBean(
                                            QpidDeclarables.class, QpidDeclarables::new));
        }
        try {
            return application.run();
        } catch (RuntimeException e) {
            FailureAnalysis invalid = new InvalidConfigurationAnalyzer(environment).analyze(e);
            throw invalid == null ? e : new InvalidConfiguration(invalid.getDescription());
        }
    }

    private static CommandException startFailure(Service service, Throwable failure) {
        Throwable root = failure;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof PortInUseException inUse) {
                return Ports.portInUse(inUse.getPort(), service);
            }
            root = cause;
        }
        log.debug("{} failed to start", service, failure);
        String message =
                root.getMessage() == null || root instanceof ClassNotFoundException
                        ? root.toString()
                        : root.getMessage();
        return CommandException.failure(
                "%s failed to start: %s"
                        .formatted(service, message.lines().findFirst().orElse(message)));
    }

    private void awaitReady() throws CommandException, InterruptedException {
        long start = clock.nanoTime();
        try (HttpClient http =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build()) {
            for (Service service : Service.values()) {
                HttpRequest request =
                        HttpRequest.newBuilder(
                                        URI.create(
                                                "http://"
                                                        + ports.authority(service)
                                                        + "/health/ready"))
                                .timeout(Duration.ofSeconds(5))
                                .build();
                while (!ready(http, request)) {
                    if (clock.since(start).compareTo(READY_WITHIN) > 0) {
                        throw CommandException.failure(service + " did not become ready in time");
                    }
                    Thread.sleep(POLL_INTERVAL);
                }
            }
        }
    }

    private static boolean ready(HttpClient http, HttpRequest request) throws InterruptedException {
        try {
            return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            log.debug("not ready: {}", e.toString());
            return false;
        }
    }
}
