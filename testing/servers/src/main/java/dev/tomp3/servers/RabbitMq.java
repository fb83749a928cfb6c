package dev.tomp3.servers;

import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.core.DeclarableCustomizer;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;

/**
 * A virtual host of a real RabbitMQ, made and ruled by the HTTP API of its management plugin. For a
 * named server that is at port 15672 of the same host, unless {@code TEST_RABBITMQ_MANAGEMENT} says
 * otherwise ({@code http://host:port}); its user must be an administrator.
 */
public final class RabbitMq extends TestBroker {
    private static final int AMQP = 5672;
    private static final int MANAGEMENT = 15672;
    private static final Duration TO_ANSWER = Duration.ofSeconds(30);

    private static @Nullable Container shared;

    private final @Nullable Container own;
    private final String host;
    private final int port;
    private final URI management;
    private final String user;
    private final String password;
    private final String virtualHost = "tomp3-" + UUID.randomUUID();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private RabbitMq(
            @Nullable Container own,
            String host,
            int port,
            URI management,
            String user,
            String password) {
        this.own = own;
        this.host = host;
        this.port = port;
        this.management = management;
        this.user = user;
        this.password = password;
        create();
    }

    static RabbitMq chosen() {
        String named = Server.RABBITMQ.named().orElse(null);
        if (named != null) return at(URI.create(named));
        synchronized (RabbitMq.class) {
            if (shared == null) shared = container();
            return in(shared, null);
        }
    }

    /** One in a container of its own, which can be stopped without harm to others. */
    public static RabbitMq alone() {
        Container container = container();
        return in(container, container);
    }

    private static RabbitMq at(URI uri) {
        String[] login = uri.getRawUserInfo().split(":", 2);
        int port = uri.getPort() < 0 ? AMQP : uri.getPort();
        Server.RABBITMQ.say(uri.getHost() + ":" + port);
        String management =
                Server.environment("TEST_RABBITMQ_MANAGEMENT")
                        .orElse("http://" + uri.getHost() + ":" + MANAGEMENT);
        return new RabbitMq(
                null,
                uri.getHost(),
                port,
                URI.create(management),
                decode(login[0]),
                decode(login[1]));
    }

    private static RabbitMq in(Container container, @Nullable Container own) {
        return new RabbitMq(
                own,
                container.getHost(),
                container.port(AMQP),
                URI.create("http://" + container.getHost() + ":" + container.port(MANAGEMENT)),
                Container.USER,
                Container.PASSWORD);
    }

    private static Container container() {
        Container container =
                Container.started(
                        Server.RABBITMQ,
                        Map.of(
                                "RABBITMQ_DEFAULT_USER",
                                Container.USER,
                                "RABBITMQ_DEFAULT_PASS",
                                Container.PASSWORD),
                        RabbitMq::ask,
                        AMQP,
                        MANAGEMENT);
        Server.RABBITMQ.say("a container of " + Server.RABBITMQ.image());
        return container;
    }

    private static void ask(Container container) throws IOException, InterruptedException {
        CachingConnectionFactory connections =
                new CachingConnectionFactory(container.getHost(), container.port(AMQP));
        connections.setUsername(Container.USER);
        connections.setPassword(Container.PASSWORD);
        try {
            connections.createConnection().close();
        } finally {
            connections.destroy();
        }
        String overview =
                "http://%s:%d/api/overview"
                        .formatted(container.getHost(), container.port(MANAGEMENT));
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(overview)).timeout(TO_ANSWER).build();
            client.send(request, HttpResponse.BodyHandlers.discarding());
        }
    }

    @Override
    public String host() {
        return host;
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public String user() {
        return user;
    }

    @Override
    public String password() {
        return password;
    }

    @Override
    public String virtualHost() {
        return virtualHost;
    }

    /** Where its HTTP API and its management page are. */
    public URI management() {
        return management;
    }

    @Override
    public DeclarableCustomizer declarables() {
        return declarable -> declarable;
    }

    @Override
    public void wipe() {
        manage("DELETE", "vhosts/" + virtualHost, "");
        create();
    }

    @Override
    public boolean canEnd() {
        return own != null;
    }

    @Override
    public boolean hasAlarms() {
        return own != null;
    }

    @Override
    public void down() {
        Objects.requireNonNull(own).down();
    }

    @Override
    public void up() {
        Objects.requireNonNull(own).up();
    }

    /** Raises or ends a memory alarm: the broker accepts no messages meanwhile. */
    @Override
    public void alarm(boolean raised) {
        Objects.requireNonNull(own)
                .run("rabbitmqctl", "set_vm_memory_high_watermark", raised ? "0" : "0.6");
    }

    /** The broker process ends and begins again. Only {@link #alone()}. */
    public void restart() {
        Objects.requireNonNull(own).restart();
    }

    private void create() {
        manage("PUT", "vhosts/" + virtualHost, "{\"default_queue_type\":\"quorum\"}");
        manage(
                "PUT",
                "permissions/" + virtualHost + "/" + encode(user),
                "{\"configure\":\".*\",\"write\":\".*\",\"read\":\".*\"}");
    }

    /** Asks the HTTP API, and answers what it says. */
    public String manage(String method, String path, String body) {
        HttpRequest request =
                HttpRequest.newBuilder(management.resolve("/api/" + path))
                        .timeout(TO_ANSWER)
                        .header("Content-Type", "application/json")
                        .header(
                                "Authorization",
                                "Basic "
                                        + Base64.getEncoder()
                                                .encodeToString(
                                                        (user + ":" + password)
                                                                .getBytes(StandardCharsets.UTF_8)))
                        .method(method, BodyPublishers.ofString(body))
                        .build();
        try {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() >= 300) {
                throw new IllegalStateException(
                        "%s %s: %d %s".formatted(method, path, answer.statusCode(), answer.body()));
            }
            return answer.body();
        } catch (IOException e) {
            throw new IllegalStateException("RabbitMQ's management is not at " + management, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        if (own == null) manage("DELETE", "vhosts/" + virtualHost, "");
        else own.stop();
        http.close();
    }

    private static String decode(String part) {
        return URLDecoder.decode(part, StandardCharsets.UTF_8);
    }

    private static String encode(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
