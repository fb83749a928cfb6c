package dev.tomp3.journeys;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

final class Http {
    private static final HttpClient http = HttpClient.newHttpClient();

    private Http() {}

    static HttpResponse<String> get(URI address) {
        return User.send(HttpRequest.newBuilder(address));
    }

    static HttpResponse<byte[]> bytes(HttpRequest.Builder request) {
        return send(request.build());
    }

    static HttpResponse<byte[]> send(HttpRequest request) {
        try {
            return http.send(request, BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
