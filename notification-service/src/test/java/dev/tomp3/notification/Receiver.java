package dev.tomp3.notification;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A server that is told by a webhook. */
final class Receiver implements AutoCloseable {
    /**
     * One request.
     *
     * @param host of the URL, as the header says
     */
    record Received(
            String method,
            String path,
            String host,
            Map<String, List<String>> headers,
            String body) {
        String header(String name) {
            return String.join(",", headers.getOrDefault(name, List.of()));
        }
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch closing = new CountDownLatch(1);
    final List<Received> received = new CopyOnWriteArrayList<>();
    volatile HttpHandler answer = status(204);

    Receiver() throws IOException {
        this("127.0.0.1", null);
    }

    /**
     * @param tls null for HTTP
     */
    Receiver(String address, @Nullable SSLContext tls) throws IOException {
        InetSocketAddress socket = new InetSocketAddress(InetAddress.ofLiteral(address), 0);
        if (tls == null) {
            server = HttpServer.create(socket, 0);
        } else {
            HttpsServer https = HttpsServer.create(socket, 0);
            https.setHttpsConfigurator(new HttpsConfigurator(tls));
            server = https;
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void handle(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        received.add(
                new Received(
                        exchange.getRequestMethod(),
                        exchange.getRequestURI().toString(),
                        exchange.getRequestHeaders().getFirst("Host"),
                        lowerCase(exchange.getRequestHeaders()),
                        body));
        try (exchange) {
            answer.handle(exchange);
        }
    }

    private static Map<String, List<String>> lowerCase(Map<String, List<String>> headers) {
        Map<String, List<String>> lower = new TreeMap<>();
        headers.forEach((name, values) -> lower.put(name.toLowerCase(Locale.ROOT), values));
        return lower;
    }

    /** Answers without a body. */
    static HttpHandler status(int status, String... headers) {
        return exchange -> {
            for (int i = 0; i < headers.length; i += 2)
                exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
            exchange.sendResponseHeaders(status, -1);
        };
    }

    /** Answers nothing until it is closed. */
    HttpHandler hang() {
        return _ -> awaitClose();
    }

    /** Answers 200 with a body of which one byte comes, and the rest not before it is closed. */
    HttpHandler trickle() {
        return exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write(' ');
            exchange.getResponseBody().flush();
            awaitClose();
        };
    }

    /** Answers 200 with a body without an end. */
    static HttpHandler flood() {
        return exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] piece = new byte[8192];
            while (true) exchange.getResponseBody().write(piece);
        };
    }

    private void awaitClose() {
        try {
            closing.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
