package dev.tomp3.converter.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.Authenticator;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceServerTest {
    @TempDir Path directory;

    private SourceServer serve() throws IOException {
        return new SourceServer(
                new OneFile(Files.writeString(directory.resolve("a"), "0123456789")).source());
    }

    private static HttpResponse<String> ask(SourceServer server, String method, String range)
            throws Exception {
        return ask(server.address(), server.proxy(), method, range);
    }

    /** Asks as ffmpeg does: the server is a proxy that wants a password. */
    private static HttpResponse<String> ask(URI address, URI proxy, String method, String range)
            throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(address).method(method, HttpRequest.BodyPublishers.noBody());
        if (!range.isEmpty()) request.header("Range", range);
        String[] user = proxy.getUserInfo().split(":", -1);
        Authenticator authenticator =
                new Authenticator() {
                    @Override
                    protected PasswordAuthentication getPasswordAuthentication() {
                        return new PasswordAuthentication(user[0], user[1].toCharArray());
                    }
                };
        try (HttpClient client =
                HttpClient.newBuilder()
                        .proxy(
                                ProxySelector.of(
                                        new InetSocketAddress(proxy.getHost(), proxy.getPort())))
                        .authenticator(authenticator)
                        .build()) {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private static int askWith(SourceServer server, String header) throws IOException {
        URI address = server.address();
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            socket.getOutputStream()
                    .write(
                            "GET %s HTTP/1.1\r\nHost: x\r\n%sConnection: close\r\n\r\n"
                                    .formatted(address, header)
                                    .getBytes(StandardCharsets.US_ASCII));
            String answer =
                    new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
            return Integer.parseInt(answer.substring(9));
        }
    }

    @Test
    void serves_the_whole_and_any_range() throws Exception {
        try (SourceServer server = serve()) {
            assertThat(ask(server, "GET", "").body()).isEqualTo("0123456789");
            HttpResponse<String> rest = ask(server, "GET", "bytes=7-");
            assertThat(rest.statusCode()).isEqualTo(206);
            assertThat(rest.body()).isEqualTo("789");
            assertThat(rest.headers().firstValue("Content-Range")).hasValue("bytes 7-9/10");
            assertThat(ask(server, "GET", "bytes=2-3").body()).isEqualTo("23");
            assertThat(ask(server, "GET", "bytes=10-").statusCode()).isEqualTo(416);
            HttpResponse<String> head = ask(server, "HEAD", "");
            assertThat(head.headers().firstValue("Content-Length")).hasValue("10");
            assertThat(server.failure()).isNull();
            assertThat(server.highestOffset()).isEqualTo(10);
        }
    }

    @Test
    void shows_nothing_to_who_does_not_know_the_password() throws Exception {
        try (SourceServer server = serve()) {
            assertThat(server.address()).hasHost("127.0.0.1").hasNoUserInfo();
            assertThat(askWith(server, "")).isEqualTo(407);
            assertThat(askWith(server, "Proxy-Authorization: Basic ZmZtcGVnOjA=\r\n"))
                    .isEqualTo(407);
            URI other = server.address().resolve("/0");
            assertThat(ask(other, server.proxy(), "GET", "").statusCode()).isEqualTo(404);
            assertThat(ask(server, "POST", "").statusCode()).isEqualTo(405);
        }
    }

    @Test
    void is_gone_with_its_attempt() throws Exception {
        SourceServer server = serve();
        URI address = server.address();
        URI proxy = server.proxy();
        server.close();

        assertThatThrownBy(() -> ask(address, proxy, "GET", ""))
                .isInstanceOf(ConnectException.class);
    }

    @Test
    void remembers_that_the_store_failed() throws Exception {
        Source missing = Source.stored(new OneFile(directory.resolve("none")), "x", 10);
        try (SourceServer server = new SourceServer(missing)) {
            assertThatThrownBy(() -> ask(server, "GET", "")).isInstanceOf(IOException.class);
            assertThat(server.failure()).isInstanceOf(NoSuchFileException.class);
        }
    }

    @Test
    void feeds_what_is_arriving_to_its_end() throws Exception {
        AtomicBoolean complete = new AtomicBoolean();
        Path file = Files.writeString(directory.resolve("a"), "01234");
        Source arriving =
                new InFlightSource(
                        new OneFile(file),
                        "x",
                        100,
                        () -> complete.get() ? OptionalLong.of(10) : OptionalLong.empty(),
                        System::nanoTime);
        try (SourceServer server = new SourceServer(arriving);
                PipedInputStream fed = new PipedInputStream()) {
            server.writeTo(new PipedOutputStream(fed));
            assertThat(fed.readNBytes(5)).asString().isEqualTo("01234");
            Files.writeString(file, "56789", StandardOpenOption.APPEND);
            complete.set(true);
            assertThat(fed.readAllBytes()).asString().isEqualTo("56789");
            assertThat(server.failure()).isNull();
            assertThat(server.highestOffset()).isEqualTo(10);
        }
    }

    @Test
    void remembers_that_the_store_failed_while_it_fed() throws Exception {
        Source shorter =
                new InFlightSource(
                        new OneFile(Files.writeString(directory.resolve("a"), "01234")),
                        "x",
                        100,
                        () -> OptionalLong.of(10),
                        System::nanoTime);
        try (SourceServer server = new SourceServer(shorter);
                PipedInputStream fed = new PipedInputStream()) {
            server.writeTo(new PipedOutputStream(fed));
            assertThat(fed.readAllBytes()).asString().isEqualTo("01234");
            assertThat(server.failure()).isInstanceOf(IncompleteVideo.class);
        }
    }
}
