package dev.tomp3.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tomp3.servers.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

/** HTTPS, TLS to the broker, and a port of their own for health and metrics; without stores. */
class TlsIT {
    @TempDir private static Path directory;

    private static TestCertificate first;
    private static TestCertificate second;
    private static SSLServerSocket broker;
    private static ConfigurableApplicationContext gateway;

    /** What clients of the broker sent first, or why the handshake failed. */
    private static final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    private static String trustStore;

    @BeforeAll
    static void start() throws Exception {
        first = TestCertificate.in(directory, "first");
        second = TestCertificate.in(directory, "second");
        use(first);
        trustStore = System.setProperty("javax.net.ssl.trustStore", first.trustStore().toString());
        System.setProperty("javax.net.ssl.trustStorePassword", TestCertificate.PASSWORD);
        broker = broker(first);
        gateway =
                Gateway.run(
                        List.of(
                                "MONGODB_URI=mongodb://u:p@127.0.0.1:1/tomp3",
                                "RABBITMQ_HOST=127.0.0.1",
                                "RABBITMQ_PORT=" + broker.getLocalPort(),
                                "RABBITMQ_PASSWORD=secret",
                                "RABBITMQ_TLS=true",
                                "METRICS_PORT=0",
                                "TLS_CERT=" + directory.resolve("cert.pem"),
                                "TLS_KEY=" + directory.resolve("key.pem"),
                                "spring.ssl.bundle.watch.file.quiet-period=50ms"),
                        declarable -> declarable,
                        new AuthStub(),
                        System::nanoTime);
    }

    @AfterAll
    static void stop() throws IOException {
        if (gateway != null) gateway.close();
        broker.close();
        System.clearProperty("javax.net.ssl.trustStorePassword");
        if (trustStore == null) System.clearProperty("javax.net.ssl.trustStore");
        else System.setProperty("javax.net.ssl.trustStore", trustStore);
    }

    /** As certbot does it: new files take the place of the earlier ones. */
    private static void use(TestCertificate certificate) throws IOException {
        put("key.pem", certificate.keyPem());
        put("cert.pem", certificate.certificatePem());
    }

    private static void put(String name, String text) throws IOException {
        Path file = Files.writeString(directory.resolve(name + ".new"), text);
        Files.move(file, directory.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }

    private static SSLServerSocket broker(TestCertificate certificate) throws IOException {
        SSLServerSocket server =
                (SSLServerSocket)
                        TestCertificate.context(List.of(certificate))
                                .getServerSocketFactory()
                                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual()
                .start(() -> {
                    while (!server.isClosed()) {
                        try (SSLSocket socket = (SSLSocket) server.accept()) {
                            byte[] greeting = socket.getInputStream().readNBytes(4);
                            heard.add(new String(greeting, StandardCharsets.US_ASCII));
                        } catch (IOException e) {
                            heard.add(e.toString());
                        }
                    }
                });
        return server;
    }

    private static HttpResponse<String> get(TestCertificate trusted, String port, String path)
            throws IOException, InterruptedException {
        int number = gateway.getEnvironment().getRequiredProperty(port, int.class);
        String scheme = port.equals("local.server.port") ? "https" : "http";
        try (HttpClient client =
                HttpClient.newBuilder()
                        .sslContext(TestCertificate.context(List.of(trusted)))
                        .build()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create(scheme + "://127.0.0.1:" + number + path))
                            .timeout(Duration.ofSeconds(10))
                            .build(),
                    BodyHandlers.ofString());
        }
    }

    @Test
    void health_and_metrics_are_on_the_other_port_alone() throws Exception {
        for (String path : List.of("/health/live", "/metrics")) {
            assertThat(get(first, "local.management.port", path).statusCode()).isEqualTo(200);
            Gateway.assertProblem(get(first, "local.server.port", path), 404, "not-found");
        }
        assertThat(get(first, "local.management.port", "/health/ready").statusCode())
                .isEqualTo(503);
        Gateway.assertProblem(get(first, "local.management.port", "/jobs"), 401, "unauthenticated");
        Gateway.assertProblem(
                get(first, "local.management.port", "/swagger-ui.html"), 404, "not-found");
        assertThat(get(first, "local.management.port", "/health/live").headers().map())
                .containsEntry("X-Content-Type-Options", List.of("nosniff"));
    }

    @Test
    void a_new_certificate_is_used_without_a_restart_and_a_wrong_one_is_not() throws Exception {
        assertThat(get(first, "local.server.port", "/swagger-ui.html").headers().map())
                .containsKey("Strict-Transport-Security");
        use(second);
        await().atMost(Duration.ofSeconds(20))
                .ignoreExceptions()
                .until(() -> get(second, "local.server.port", "/swagger-ui.html") != null);
        assertThatThrownBy(() -> get(first, "local.server.port", "/swagger-ui.html"))
                .isInstanceOf(SSLHandshakeException.class);
        // a key that belongs to another certificate
        put("key.pem", first.keyPem());
        await().during(Duration.ofSeconds(1))
                .atMost(Duration.ofSeconds(10))
                .until(() -> get(second, "local.server.port", "/swagger-ui.html") != null);
        use(first);
        await().atMost(Duration.ofSeconds(20))
                .ignoreExceptions()
                .until(() -> get(first, "local.server.port", "/swagger-ui.html") != null);
    }

    @Test
    void the_password_is_sent_to_a_broker_with_a_trusted_certificate_alone() throws Exception {
        assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("AMQP");
        int port = broker.getLocalPort();
        broker.close();
        broker = null;
        heard.clear();
        broker =
                (SSLServerSocket)
                        TestCertificate.context(List.of(second))
                                .getServerSocketFactory()
                                .createServerSocket(port, 50, InetAddress.getLoopbackAddress());
        try (SSLSocket socket = (SSLSocket) broker.accept()) {
            socket.setSoTimeout(10_000);
            // the client ends the handshake
            assertThatThrownBy(() -> socket.getInputStream().read())
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(SocketTimeoutException.class);
        }
    }
}
