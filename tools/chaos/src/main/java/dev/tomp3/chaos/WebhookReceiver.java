package dev.tomp3.chaos;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Is told by the webhooks of users. It rejects the first attempt of some messages, and hangs up on
 * that of others; every other attempt it accepts.
 */
final class WebhookReceiver implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    /** Of this number of messages one is rejected and one is not answered. */
    private static final int FAILING = 4;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Integer> attempts = new ConcurrentHashMap<>();
    private final Map<String, Set<String>> accepted = new ConcurrentHashMap<>();
    private final Set<Client> users = ConcurrentHashMap.newKeySet();
    private final AtomicInteger repeated = new AtomicInteger();

    WebhookReceiver() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    /** What a user sends to {@code POST /webhooks}. */
    Map<String, Object> webhook() {
        return Map.of("url", "http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    /** This user has a webhook from now on. */
    void add(Client user) {
        users.add(user);
    }

    boolean hasWebhook(Client user) {
        return users.contains(user);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            JsonNode body = JSON.readTree(exchange.getRequestBody().readAllBytes());
            String message = exchange.getRequestHeaders().getFirst("webhook-id");
            int attempt = attempts.merge(message, 1, Integer::sum);
            int kind = Math.floorMod(message.hashCode(), FAILING);
            if (attempt == 1 && kind == 0) {
                exchange.sendResponseHeaders(500, -1);
            } else if (attempt > 1 || kind != 1) {
                boolean first =
                        accepted.computeIfAbsent(
                                        body.at("/data/id").asString(),
                                        _ -> ConcurrentHashMap.newKeySet())
                                .add(message);
                if (!first) repeated.incrementAndGet();
                exchange.sendResponseHeaders(204, -1);
            }
        }
    }

    /** The ids of the messages about a job that were accepted. */
    Set<String> messagesAbout(String job) {
        return accepted.getOrDefault(job, Set.of());
    }

    /** Messages accepted, and how often one came again under its id. */
    String summary() {
        return "%d webhook messages accepted, %d of them again"
                .formatted(accepted.values().stream().mapToInt(Set::size).sum(), repeated.get());
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
