package dev.tomp3.gateway;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tomp3.platform.ApiKey;
import io.jsonwebtoken.JwtBuilder;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.security.SignatureAlgorithm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** Auth as the gateway sees it: keys, token introspection, and an echo of every other request. */
final class AuthStub implements AutoCloseable {
    enum Mood {
        WELL,
        /** Closes every connection without a response. */
        AWAY,
        /** Accepts every request and never responds. */
        SILENT,
        /** Responds to every request, but not as auth would. */
        ODD
    }

    record Received(
            String method,
            String path,
            String query,
            Map<String, List<String>> headers,
            String body) {
        String header(String name) {
            return headers.entrySet().stream()
                    .filter(entry -> entry.getKey().equalsIgnoreCase(name))
                    .flatMap(entry -> entry.getValue().stream())
                    .collect(Collectors.joining(","));
        }
    }

    record User(String id, String email, boolean admin) {}

    private record KeyOf(User user, String scopes) {}

    private static final String DESCRIPTION =
            """
            {"openapi":"3.1.0","paths":{"/login":{"post":{"summary":"auth's own"}},\
            "/users/{id}":{"delete":{}},"/validate":{"post":{}},"/.well-known/jwks.json":{"get":{}}},\
            "components":{"schemas":{"Token":{"type":"object"}}}}\
            """;

    /** By their number, the same for every stub: to generate one takes half a second. */
    private static final Map<Integer, KeyPair> KEYS = new ConcurrentHashMap<>();

    private final HttpServer server;
    private final Map<String, KeyPair> keys = new ConcurrentHashMap<>();
    private final Map<String, User> users = new ConcurrentHashMap<>();
    private final Set<String> disabled = ConcurrentHashMap.newKeySet();
    private final Map<String, KeyOf> keyOwners = new ConcurrentHashMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final AtomicInteger added = new AtomicInteger();
    private final AtomicInteger served = new AtomicInteger();
    final AtomicInteger keyRequests = new AtomicInteger();
    final AtomicInteger introspections = new AtomicInteger();
    final List<Received> relayed = new CopyOnWriteArrayList<>();
    volatile Mood mood = Mood.WELL;
    volatile int relayStatus = 200;

    AuthStub() throws IOException {
        addKey("first");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    String address() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    User user(boolean admin) {
        String id = UUID.randomUUID().toString();
        User user = new User(id, "user" + served.incrementAndGet() + "@example.org", admin);
        users.put(id, user);
        return user;
    }

    /** A token like auth's, to be changed before it is signed. */
    JwtBuilder unsigned(User user, String key) {
        Instant now = Instant.now();
        return Jwts.builder()
                .header()
                .keyId(key)
                .and()
                .issuer("tomp3")
                .audience()
                .add("tomp3")
                .and()
                .subject(user.id())
                .id(UUID.randomUUID().toString())
                .issuedAt(Date.from(now))
                .expiration(Date.from(now.plusSeconds(3600)));
    }

    String token(User user) {
        return sign(unsigned(user, "first"));
    }

    String sign(JwtBuilder builder) {
        return sign(builder, "first", Jwts.SIG.RS256);
    }

    String sign(JwtBuilder builder, String key, SignatureAlgorithm algorithm) {
        return builder.signWith(keys.get(key).getPrivate(), algorithm).compact();
    }

    RSAPublicKey publicKey(String key) {
        return (RSAPublicKey) keys.get(key).getPublic();
    }

    void addKey(String id) {
        keys.put(
                id,
                KEYS.computeIfAbsent(
                        added.incrementAndGet(), _ -> Jwts.SIG.RS256.keyPair().build()));
    }

    void removeKey(String id) {
        keys.remove(id);
    }

    /** An API key with these scopes. */
    String key(User user, String... scopes) {
        String key = ApiKey.random(new SecureRandom());
        keyOwners.put(
                key,
                new KeyOf(
                        user,
                        Arrays.stream(scopes)
                                .map(scope -> '"' + scope + '"')
                                .collect(Collectors.joining(",", "[", "]"))));
        return key;
    }

    void revokeKey(String key) {
        keyOwners.remove(key);
    }

    void disable(User user) {
        disabled.add(user.id());
    }

    void enable(User user) {
        disabled.remove(user.id());
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            if (path.equals("/.well-known/jwks.json")) keyRequests.incrementAndGet();
            if (path.equals("/validate")) introspections.incrementAndGet();
            switch (mood) {
                case AWAY -> {}
                case SILENT -> {
                    boolean _ = closing.await(20, TimeUnit.SECONDS);
                }
                case ODD -> send(exchange, 200, "text/html", "<html>Not auth</html>");
                case WELL -> {
                    switch (path) {
                        case "/.well-known/jwks.json" ->
                                send(exchange, 200, "application/json", keySet());
                        case "/validate" -> validate(exchange);
                        case "/v3/api-docs" -> send(exchange, 200, "application/json", DESCRIPTION);
                        default -> relay(exchange, path);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String keySet() {
        var encoder = Base64.getUrlEncoder().withoutPadding();
        return keys.keySet().stream()
                .map(id ->
                        """
                        {"kty":"RSA","use":"sig","alg":"RS256","kid":"%s","n":"%s","e":"%s"}\
                        """
                                .formatted(
                                        id,
                                        encoder.encodeToString(
                                                publicKey(id).getModulus().toByteArray()),
                                        encoder.encodeToString(
                                                publicKey(id).getPublicExponent().toByteArray())))
                .collect(Collectors.joining(",", "{\"keys\":[", "]}"));
    }

    private void validate(HttpExchange exchange) throws IOException {
        String token = exchange.getRequestHeaders().getFirst("Authorization").substring(7);
        if (ApiKey.is(token)) {
            KeyOf key = keyOwners.get(token);
            if (key == null) send(exchange, 401, "application/problem+json", "{\"status\":401}");
            else introspected(exchange, key.user(), ",\"scopes\":" + key.scopes());
            return;
        }
        String claims =
                new String(
                        Base64.getUrlDecoder()
                                .decode(
                                        token.substring(
                                                token.indexOf('.') + 1, token.lastIndexOf('.'))),
                        StandardCharsets.UTF_8);
        String id = claims.replaceFirst(".*\"sub\":\"([^\"]+)\".*", "$1");
        User user = users.get(id);
        if (user == null || disabled.contains(id)) {
            send(exchange, 401, "application/problem+json", "{\"status\":401}");
            return;
        }
        introspected(exchange, user, "");
    }

    private static void introspected(HttpExchange exchange, User user, String more)
            throws IOException {
        send(
                exchange,
                200,
                "application/json",
                """
                {"sub":"%s","email":"%s","roles":["%s"],"admin":%s,"jti":"1","exp":1,\
                "confirmed":true,"registration_open":true%s}\
                """
                        .formatted(
                                user.id(),
                                user.email(),
                                user.admin() ? "admin" : "user",
                                user.admin(),
                                more));
    }

    /** Every user has the same password. */
    static final String PASSWORD = "pässword";

    private boolean login(HttpExchange exchange) throws IOException {
        String sent = exchange.getRequestHeaders().getFirst("Authorization");
        String accept = exchange.getRequestHeaders().getFirst("Accept");
        if (sent == null || !sent.startsWith("Basic ") || !"application/json".equals(accept))
            return false;
        String pair =
                new String(Base64.getDecoder().decode(sent.substring(6)), StandardCharsets.UTF_8);
        for (User user : users.values()) {
            if (pair.equals(user.email() + ":" + PASSWORD)) {
                send(
                        exchange,
                        200,
                        "application/json",
                        "{\"token\":\"%s\",\"type\":\"Bearer\",\"expires_at\":\"%s\"}"
                                .formatted(token(user), Instant.now().plusSeconds(3600)));
                return true;
            }
        }
        return false;
    }

    private void relay(HttpExchange exchange, String path) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        relayed.add(
                new Received(
                        exchange.getRequestMethod(),
                        path,
                        exchange.getRequestURI().getRawQuery(),
                        Map.copyOf(exchange.getRequestHeaders()),
                        body));
        if (path.equals("/login") && login(exchange)) return;
        exchange.getResponseHeaders().set("X-Internal", "not for strangers");
        exchange.getResponseHeaders().set("Retry-After", "7");
        if (relayStatus == 401)
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"tomp3\"");
        send(
                exchange,
                relayStatus,
                relayStatus < 400 ? "text/plain;charset=UTF-8" : "application/problem+json",
                "auth's own résponse");
    }

    private static void send(HttpExchange exchange, int status, String type, String body)
            throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        boolean bodiless = exchange.getRequestMethod().equals("HEAD") || status == 204;
        exchange.sendResponseHeaders(status, bodiless ? -1 : bytes.length);
        if (!bodiless) exchange.getResponseBody().write(bytes);
    }
}
