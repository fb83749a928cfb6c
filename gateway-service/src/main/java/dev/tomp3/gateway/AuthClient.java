package dev.tomp3.gateway;

import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.ResponseEntity;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/**
 * The auth service over REST. Whatever cannot be asked is a {@link Problem#UNAVAILABLE}: within
 * three seconds, but for what may wait for its turn to hash a password.
 */
@Component
class AuthClient {
    private static final Duration CONNECT = Duration.ofSeconds(1);
    private static final Duration READ = Duration.ofMillis(2500);

    /**
     * Auth itself answers that it has no time for a password after two seconds, for each of two.
     */
    private static final Duration HASH = Duration.ofSeconds(10);

    /**
     * What of a request and its answer passes through the gateway; the rest is between neighbours.
     */
    private static final List<String> REQUEST_HEADERS =
            List.of(HttpHeaders.AUTHORIZATION, HttpHeaders.ACCEPT, HttpHeaders.CONTENT_TYPE);

    private static final List<String> RESPONSE_HEADERS =
            List.of(
                    HttpHeaders.CONTENT_TYPE,
                    HttpHeaders.WWW_AUTHENTICATE,
                    HttpHeaders.RETRY_AFTER,
                    HttpHeaders.LOCATION,
                    HttpHeaders.ALLOW);

    /** Auth's answer to {@code POST /validate}. */
    record TokenIntrospection(String sub, String email, boolean admin, boolean confirmed) {
        CurrentUser caller() {
            return new CurrentUser(sub, email, admin, confirmed);
        }
    }

    private static final Logger log = LoggerFactory.getLogger(AuthClient.class);

    private final String base;
    private volatile boolean away;
    private final RestClient rest;
    private final RestClient accounts;

    AuthClient(GatewayProperties properties, RestClient.Builder builder) {
        HttpClient http =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(CONNECT)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .build();
        String address = properties.auth();
        this.base = (address.contains("://") ? address : "http://" + address).replaceAll("/+$", "");
        this.rest = client(builder, http, READ);
        this.accounts = client(builder, http, HASH);
    }

    private RestClient client(RestClient.Builder builder, HttpClient http, Duration patience) {
        JdkClientHttpRequestFactory requests = new JdkClientHttpRequestFactory(http);
        requests.setReadTimeout(patience);
        return builder.clone().requestFactory(requests).baseUrl(base).build();
    }

    /**
     * What auth says of a token; empty when it refuses it.
     *
     * @throws ProblemException when auth cannot be asked
     */
    Optional<TokenIntrospection> validate(String token) {
        try {
            return rest.post()
                    .uri("/validate")
                    .headers(headers -> headers.setBearerAuth(token))
                    .exchange((request, response) -> {
                        int status = response.getStatusCode().value();
                        if (status == 401) return Optional.empty();
                        if (status != 200) throw new RestClientException("auth answered " + status);
                        TokenIntrospection verdict = response.bodyTo(TokenIntrospection.class);
                        if (verdict == null || verdict.sub() == null || verdict.email() == null)
                            throw new RestClientException("auth answered no verdict");
                        away = false;
                        return Optional.of(verdict);
                    });
        } catch (RestClientException e) {
            throw away(e);
        }
    }

    /** The public keys, as a JSON Web Key Set. */
    String keys() {
        try {
            return Optional.ofNullable(
                            rest.get().uri("/.well-known/jwks.json").retrieve().body(String.class))
                    .orElse("");
        } catch (RestClientException e) {
            throw away(e);
        }
    }

    /**
     * Passes a request on to auth and its answer back. A password takes auth a while, so that its
     * silence says nothing; therefore it is asked for its keys before, which it has at hand.
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
            throw away(e);
        }
    }

    /** One line for an outage, not one for each request in it. */
    private ProblemException away(RestClientException e) {
        if (!away) log.warn("Auth cannot be asked: {}", e.toString());
        away = true;
        return new ProblemException(
                Problem.UNAVAILABLE,
                "The auth service cannot be reached. Try again.",
                Duration.ofSeconds(5));
    }
}
