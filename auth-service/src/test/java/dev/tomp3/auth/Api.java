package dev.tomp3.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An HTTP client of the service. */
record Api(int port) {
    private static final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final JsonMapper json = new JsonMapper();

    record Answer(int status, HttpResponse<String> http) {
        JsonNode json() {
            return json.readTree(http.body());
        }

        String text() {
            return http.body();
        }

        String header(String name) {
            return http.headers().firstValue(name).orElse("");
        }

        /** Asserts status, content type and type of a problem. */
        Answer isProblem(int expected, String code) {
            assertThat(status).as(http.body()).isEqualTo(expected);
            assertThat(header("Content-Type")).isEqualTo("application/problem+json");
            assertThat(json().path("type").asString()).isEqualTo("urn:tomp3:" + code);
            assertThat(json().path("status").asInt()).isEqualTo(expected);
            assertThat(json().path("title").asString()).isNotBlank();
            assertThat(json().path("detail").asString()).isNotBlank();
            return this;
        }

        Answer is(int expected) {
            assertThat(status).as(http.body()).isEqualTo(expected);
            return this;
        }
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                .timeout(Duration.ofSeconds(30));
    }

    Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response =
                    client.send(
                            request.build(),
                            HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            return new Answer(response.statusCode(), response);
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    Answer get(String path, String token) {
        return send(bearer(request(path), token).GET());
    }

    Answer get(String path) {
        return send(request(path).GET());
    }

    Answer post(String path, String token, Object body) {
        return send(body(bearer(request(path), token), "POST", body));
    }

    Answer post(String path, Object body) {
        return send(body(request(path), "POST", body));
    }

    Answer patch(String path, String token, Object body) {
        return send(body(bearer(request(path), token), "PATCH", body));
    }

    Answer delete(String path, String token) {
        return send(bearer(request(path), token).DELETE());
    }

    Answer login(String email, String password) {
        return send(loginRequest(email, password));
    }

    HttpRequest.Builder loginRequest(String email, String password) {
        return request("/login")
                .header("Authorization", basic(email, password))
                .POST(BodyPublishers.noBody());
    }

    String token(String email, String password) {
        return login(email, password).is(200).text();
    }

    Answer validate(String token) {
        return send(bearer(request("/validate"), token).POST(BodyPublishers.noBody()));
    }

    static String basic(String email, String password) {
        return "Basic "
                + Base64.getEncoder()
                        .encodeToString((email + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    private static HttpRequest.Builder bearer(HttpRequest.Builder request, String token) {
        return request.header("Authorization", "Bearer " + token);
    }

    /** A map as JSON, a string as it is. */
    static HttpRequest.Builder body(HttpRequest.Builder request, String method, Object body) {
        String text = body instanceof String string ? string : json.writeValueAsString(body);
        return request.header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(text));
    }

    static Map<String, Object> credentials(String email, String password) {
        return Map.of("email", email, "password", password);
    }
}
