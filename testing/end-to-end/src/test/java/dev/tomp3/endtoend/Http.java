package dev.tomp3.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;

final class Http {
    private static final HttpClient http = HttpClient.newHttpClient();
    private static final HttpClient browser =
            HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build();

    private Http() {}

    static HttpResponse<String> get(URI address) {
        return User.send(HttpRequest.newBuilder(address));
    }

    /** What a browser shows there, after all redirects. */
    static String page(URI address) {
        HttpResponse<byte[]> page = send(browser, HttpRequest.newBuilder(address).build());
        assertThat(page.statusCode()).as(address.toString()).isEqualTo(200);
        return new String(page.body(), StandardCharsets.UTF_8);
    }

    static HttpResponse<byte[]> bytes(HttpRequest.Builder request) {
        return send(request.build());
    }

    static HttpResponse<byte[]> send(HttpRequest request) {
        return send(http, request);
    }

    private static HttpResponse<byte[]> send(HttpClient client, HttpRequest request) {
        try {
            return client.send(request, BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
