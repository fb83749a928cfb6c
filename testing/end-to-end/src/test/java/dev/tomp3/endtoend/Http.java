package dev.tomp3.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

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

    /** Of an event stream, which does not end by itself, nothing is read. */
    private static BodySubscriber<byte[]> body(HttpResponse.ResponseInfo answer) {
        boolean endless =
                answer.headers()
                        .firstValue("Content-Type")
                        .filter(type -> type.startsWith("text/event-stream"))
                        .isPresent();
        return endless ? new NoBody() : BodySubscribers.ofByteArray();
    }

    private static final class NoBody implements BodySubscriber<byte[]> {
        private final CompletableFuture<byte[]> body = new CompletableFuture<>();

        @Override
        public CompletionStage<byte[]> getBody() {
            return body;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.cancel();
            body.complete(new byte[0]);
        }

        @Override
        public void onNext(List<ByteBuffer> bytes) {}

        @Override
        public void onError(Throwable e) {}

        @Override
        public void onComplete() {}
    }

    private static HttpResponse<byte[]> send(HttpClient client, HttpRequest request) {
        try {
            return client.send(request, Http::body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
