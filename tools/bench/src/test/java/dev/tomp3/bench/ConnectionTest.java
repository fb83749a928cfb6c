package dev.tomp3.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConnectionTest {
    private HttpServer server;
    private URI address;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    String path = exchange.getRequestURI().getPath();
                    byte[] body = exchange.getRequestBody().readAllBytes();
                    if (path.equals("/last"))
                        exchange.getResponseHeaders().set("Connection", "close");
                    byte[] answer =
                            (path + body.length).repeat(1000).getBytes(StandardCharsets.ISO_8859_1);
                    exchange.sendResponseHeaders(200, path.equals("/chunked") ? 0 : answer.length);
                    exchange.getResponseBody().write(answer);
                    exchange.close();
                });
        server.start();
        address = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void reads_consecutive_responses_of_all_length_encodings() throws IOException {
        try (Connection connection = new Connection(address)) {
            for (String path : new String[] {"/a", "/chunked", "/last", "/b", "/chunked"}) {
                connection.send("GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n".formatted(path));
                String expected = (path + 0).repeat(1000);
                assertThat(connection.answer(true))
                        .isEqualTo(new Connection.Answer(200, expected.length(), expected));
            }
        }
    }

    @Test
    void sends_a_whole_file(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("file");
        Files.write(file, new byte[3_000_000]);
        try (Connection connection = new Connection(address)) {
            connection.send(
                    "POST /p HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3000000\r\n\r\n");
            connection.send(file);
            assertThat(connection.answer(true).body()).startsWith("/p3000000/p");
        }
    }
}
