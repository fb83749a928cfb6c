package dev.tomp3.gateway;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tomp3.platform.ApiKey.Scope;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.ResponseEntity;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;
import tools.jackson.databind.node.ObjectNode;

/**
 * Client of the auth service's REST API. While auth does not respond, every method fails with
 * {@link Problem#UNAVAILABLE} within three seconds; a relayed request has longer, because it may
 * have to wait until auth has time to hash a password.
 */
@Component
class AuthClient {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration READ_TIMEOUT = Duration.ofMillis(2500);

    /**
     * Auth gives up on a password after two seconds of waiting, and some requests have two of them.
     */
    private static final Duration HASH_TIMEOUT = Duration.ofSeconds(10);

    /** The headers that pass through the gateway. The others concern one connection only. */
    private static final List<String> REQUEST_HEADERS =
            List.of(HttpHeaders.AUTHORIZATION, HttpHeaders.ACCEPT, HttpHeaders.CONTENT_TYPE);

    private static final List<String> RESPONSE_HEADERS =
            List.of(
                    HttpHeaders.CONTENT_TYPE,
                    HttpHeaders.WWW_AUTHENTICATE,
                    HttpHeaders.RETRY_AFTER,
                    HttpHeaders.LOCATION,
                    HttpHeaders.ALLOW);

    /** Auth's response to {@code POST /validate}. */
    private record TokenIntrospection(
            @Nullable String sub,
            @Nullable String email,
            boolean admin,
            boolean confirmed,
            @Nullable List<String> scopes,
            @JsonProperty("registration_open") boolean registrationOpen) {
        /** A scope that this gateway does not know allows nothing here. */
        @Nullable Set<Scope> knownScopes() {
            if (scopes == null) return null;
            return scopes.stream()
                    .flatMap(scope -> Scope.of(scope).stream())
                    .collect(Collectors.toUnmodifiableSet());
        }
    }

    private static final Logger log = LoggerFactory.getLogger(AuthClient.class);

    private final String base;
    private volatile boolean unavailable;
    private final RestClient rest;
    private final RestClient accounts;

    AuthClient(GatewayProperties properties, RestClient.Builder builder) {
        HttpClient http =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(CONNECT_TIMEOUT)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .build();
        String address = properties.auth();
        this.base = (address.contains("://") ? address : "http://" + address).replaceAll("/+$", "");
        this.rest = client(builder, http, READ_TIMEOUT);
        this.accounts = client(builder, http, HASH_TIMEOUT);
    }

    private RestClient client(RestClient.Builder builder, HttpClient http, Duration timeout) {
        JdkClientHttpRequestFactory requests = new JdkClientHttpRequestFactory(http);
        requests.setReadTimeout(timeout);
        return builder.clone().requestFactory(requests).baseUrl(base).build();
    }

    /**
     * The user whom a token or API key belongs to; empty when auth rejects it.
     *
     * @throws ProblemException when auth does not respond
     */
    Optional<CurrentUser> introspect(String token) {
        try {
            return rest.post()
                    .uri("/validate")
                    .headers(headers -> headers.setBearerAuth(token))
                    .exchange((request, response) -> {
                        int status = response.getStatusCode().value();
                        if (status == 401) return Optional.empty();
                        if (status != 200)
                            throw new RestClientException("auth responded with " + status);
                        TokenIntrospection user = response.bodyTo(TokenIntrospection.class);
                        if (user == null || user.sub() == null || user.email() == null)
                            throw new RestClientException("auth named no user");
                        unavailable = false;
                        return Optional.of(
                                new CurrentUser(
                                        user.sub(),
                                        user.email(),
                                        user.admin(),
                                        user.confirmed(),
                                        user.knownScopes(),
                                        user.registrationOpen()));
                    });
        } catch (RestClientException e) {
            throw unavailable(e);
        }
    }

    /** The OpenAPI description of auth. */
    ObjectNode apiDescription() {
        try {
            ObjectNode description =
                    rest.get().uri("/v3/api-docs").retrieve().body(ObjectNode.class);
            if (description == null) throw new RestClientException("auth sent no description");
            return description;
        } catch (RestClientException e) {
            throw unavailable(e);
        }
    }

    /** The public keys, as a JSON Web Key Set. */
    String keys() {
        try {
            return Optional.ofNullable(
                            rest.get().uri("/.well-known/jwks.json").retrieve().body(String.class))
                    .orElse("");
        } catch (RestClientException e) {
            throw unavailable(e);
        }
    }

    /**
     * Relays a request to auth and returns the response. Hashing a password takes a while, so that
     * silence would not tell whether auth is down; therefore the keys, which auth has in memory,
     * are requested first.
     */
    ResponseEntity<byte[]> relay(
            HttpMethod method,
            URI address,
            HttpHeaders headers,
            String clientAddress,
            byte[] body) {
        String _ = keys();
        try {
            RestClient.RequestBodySpec request =
                    accounts.method(method)
                            .uri(URI.create(base + address))
                            .header("X-Forwarded-For", clientAddress);
            REQUEST_HEADERS.forEach(name -> {
                String value = headers.getFirst(name);
                if (value != null) request.header(name, value);
            });
            if (body.length > 0) request.body(body);
            return request.exchange((sent, response) -> {
                HttpHeaders passed = new HttpHeaders();
                RESPONSE_HEADERS.forEach(name -> {
                    String value = response.getHeaders().getFirst(name);
                    if (value != null) passed.set(name, value);
                });
                return new ResponseEntity<>(
                        response.getBody().readAllBytes(), passed, response.getStatusCode());
            });
        } catch (RestClientException e) {
            throw unavailable(e);
        }
    }

    /** Logs an outage once, and not with each request. */
    private ProblemException unavailable(RestClientException e) {
        if (!unavailable) log.warn("Auth does not respond: {}", e.toString());
        unavailable = true;
        return new ProblemException(
                Problem.UNAVAILABLE,
                "The auth service is unavailable. Try again.",
                Duration.ofSeconds(5));
    }
}
