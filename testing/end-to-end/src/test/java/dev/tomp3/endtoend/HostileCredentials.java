package dev.tomp3.endtoend;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Forged tokens, wrong passwords, and the operators of query languages in place of values. */
final class HostileCredentials extends HostileRequests {
    HostileCredentials(Scene scene) {
        super(scene);
    }

    @Override
    void make() {
        tokens();
        credentials();
        operators();
    }

    private void tokens() {
        for (Map.Entry<String, String> forged : scene.forgery().tokens(scene.token()).entrySet()) {
            String header = "Authorization: Bearer " + forged.getValue();
            boolean tooLong = header.length() > 16_000;
            String answers = tooLong ? "unauthenticated malformed-request" : "unauthenticated";
            add(forged.getKey(), scene.gateway(), raw("GET", "/jobs", "", header), answers);
            add(forged.getKey(), scene.auth(), raw("POST", "/validate", "", header), answers);
            add(forged.getKey(), scene.gateway(), raw("GET", "/users", "", header), answers);
        }
        String good = scene.token();
        for (String header :
                List.of(
                        "Authorization:",
                        "Authorization: Bearer",
                        "Authorization: Bearer ",
                        "Authorization: Bearer\t" + good,
                        "Authorization: Bearer" + good,
                        "Authorization: Bearer:" + good,
                        "Authorization: Bearer \"" + good + "\"",
                        "Authorization: Bearer token=" + good,
                        "Authorization: Token " + good,
                        "Authorization: Basic " + good,
                        "Authorization: DPoP " + good,
                        "Authorization: " + good,
                        "Authorization: Bearer null",
                        "Authorization: Bearer undefined",
                        "Authorization: Bearer [object Object]",
                        "Authorization: Bearer ' OR '1'='1",
                        "Authorization: Bearer {\"$ne\":null}",
                        "Authorization: Bearer %00",
                        "Authorization: Bearer \u00e4",
                        "Authorization: Negotiate YII=",
                        "Authorization: Digest username=\"admin\"",
                        "Proxy-Authorization: Bearer " + good,
                        "X-Auth-Token: " + good,
                        "Cookie: token=" + good,
                        "Cookie: Authorization=Bearer " + good,
                        "Cookie: __Host-tomp3_session=" + good, // over plain HTTP
                        "Cookie: tomp3_session=x",
                        "Cookie: tomp3_session=",
                        "Cookie: tomp3_session=\"",
                        "Cookie: tomp3_session=tomp3_0",
                        "Authorization: Bearer tomp3_",
                        "Authorization: Bearer tomp3_000000000000000000000000000000001A2B3C",
                        "Authorization: Bearer tomp3_" + "A".repeat(38),
                        "Authorization: Bearer tomp3_' OR '1'='1",
                        "Authorization: Bearer x\r\nAuthorization: Bearer " + good)) {
            gateway(cut(header), raw("GET", "/jobs", "", header), "unauthenticated");
            add(cut(header), scene.auth(), raw("POST", "/validate", "", header), "unauthenticated");
        }
        gateway(
                "token twice",
                raw("GET", "/jobs", "", bearer(), "Authorization: Bearer x"),
                "unauthenticated 200");
        gateway(
                "token in the query",
                raw("GET", "/jobs?access_token=" + good + "&token=" + good, ""),
                "unauthenticated");
        for (String site :
                List.of(
                        "Sec-Fetch-Site: cross-site",
                        "Sec-Fetch-Site: same-site",
                        "Sec-Fetch-Site: SAME-ORIGIN, cross-site",
                        "Origin: null",
                        "Origin: http://evil.example",
                        "Origin: http://[",
                        "Origin: \u00e4",
                        "Referer: http://x/")) {
            for (String target : List.of("/jobs/" + scene.victimsJob(), "/session", "/sessions"))
                gateway(
                        "forged " + target + " " + cut(site),
                        raw("DELETE", target, "", "Cookie: tomp3_session=" + good, site),
                        "cross-site malformed-request");
        }
        gateway("an ordinary user lists users", raw("GET", "/users", "", bearer()), "forbidden");
        add(
                "an ordinary user lists users",
                scene.auth(),
                raw("GET", "/users", "", bearer()),
                "forbidden");
    }

    /** Each one that can be read costs a hash, so these are few. */
    private void credentials() {
        for (String header :
                List.of(
                        "Basic",
                        "Basic ",
                        "Basic =",
                        "Basic ====",
                        "Basic !!!!",
                        "Basic YQ",
                        "Basic YQ==",
                        "Basic \u00e4",
                        "Basic " + "A".repeat(15_000),
                        "Basic " + basic(""),
                        "Basic " + basic("no colon"),
                        "Basic " + basic("\0"),
                        "Basic YWRt aW46YQ==",
                        "Basicx " + basic("a:b"),
                        "Basic:" + basic("a:b"),
                        "Bearer " + basic("a:b"),
                        "Digest " + basic("a:b"),
                        "Negotiate " + basic("a:b"),
                        "Basic " + basic("a:b") + "\r\nAuthorization: Basic x",
                        "")) {
            both(
                    "login " + cut(header),
                    raw("POST", "/login", "", "Authorization: " + header),
                    "bad-credentials too-many-requests malformed-request unavailable");
        }
        both("login without", raw("POST", "/login", ""), "bad-credentials");
        both(
                "login in the body",
                raw(
                        "POST",
                        "/login",
                        credentials("a@b", "12345678"),
                        "Content-Type: application/json",
                        "Content-Length: 37"),
                "bad-credentials");
        both(
                "login in the query",
                raw("POST", "/login?username=a&password=b", ""),
                "bad-credentials");
        int address = 0;
        for (String name : List.of("' OR 1=1 --", "admin'/*", "{\"$ne\":null}", "", "*)(uid=*")) {
            add(
                    "login as " + name,
                    scene.auth(),
                    raw(
                            "POST",
                            "/login",
                            "",
                            "Authorization: Basic " + basic(name + ":" + name),
                            "X-Forwarded-For: 192.0.2." + ++address),
                    "bad-credentials unavailable");
        }
    }

    private void operators() {
        List<String> operators =
                List.of(
                        "'",
                        "' OR '1'='1",
                        "'; DROP TABLE users; --",
                        "1 UNION SELECT password_hash FROM users",
                        "\"; return true; //",
                        "{\"$gt\":\"\"}",
                        "{\"$ne\":null}",
                        "{\"$where\":\"sleep(9000)\"}",
                        "[$ne]=1",
                        "$where",
                        "*",
                        "%",
                        "_",
                        "../..",
                        "\0",
                        "\r\nX-Injected: yes",
                        "${7*7}",
                        "#{7*7}",
                        "T(java.lang.Runtime)",
                        "\ud83c\udfac");
        for (String operator : operators) {
            String coded = URLEncoder.encode(operator, StandardCharsets.UTF_8);
            gateway(
                    "limit " + operator,
                    raw("GET", "/jobs?limit=" + coded, "", bearer()),
                    "malformed-request");
            gateway(
                    "cursor " + operator,
                    raw("GET", "/jobs?cursor=" + coded, "", bearer()),
                    "invalid-cursor");
            gateway(
                    "owner " + operator,
                    raw("GET", "/jobs?owner=" + coded, "", bearer()),
                    "forbidden");
            gateway(
                    "owner for admin " + operator,
                    raw("GET", "/jobs?owner=" + coded, "", admin()),
                    "200");
            gateway(
                    "fid " + operator,
                    raw("GET", "/download?fid=" + coded, "", bearer()),
                    "not-found");
            both(
                    "users limit " + operator,
                    raw("GET", "/users?limit=" + coded, "", admin()),
                    "malformed-request");
            both(
                    "users cursor " + operator,
                    raw("GET", "/users?cursor=" + coded, "", admin()),
                    "invalid-cursor");
            if (operator.codePoints().noneMatch(c -> c < ' ' || c > '~')) {
                gateway(
                        "key " + operator,
                        raw(
                                "POST",
                                "/upload",
                                part(FILE, TEXT) + end(),
                                bearer(),
                                "Content-Type: " + FORM,
                                "Idempotency-Key: " + operator,
                                "Content-Length: " + (part(FILE, TEXT) + end()).length()),
                        "not-media");
            }
            String body = "{\"disabled\":true}";
            both(
                    "user " + operator,
                    json("PATCH", "/users/" + coded.replace("+", "%20"), body, admin()),
                    "not-found malformed-request");
            String change =
                    "{\"old\":" + User.JSON.writeValueAsString(operator) + ",\"new\":\"short\"}";
            both(
                    "password " + operator,
                    json("POST", "/password", change, bearer()),
                    "invalid-password");
            String account =
                    "{\"email\":"
                            + User.JSON.writeValueAsString(operator)
                            + ",\"password\":\"long enough\",\"roles\":["
                            + User.JSON.writeValueAsString(operator)
                            + "]}";
            both("new user " + operator, json("POST", "/users", account, admin()), "invalid-email");
            String taken = credentials(scene.email(), operator + " OR 1=1 --");
            both(
                    "taken " + operator,
                    json("POST", "/register", taken),
                    "email-taken too-many-requests");
        }
        for (String query :
                List.of(
                        "limit[$gt]=1",
                        "owner[$ne]=x",
                        "cursor[$gt]=",
                        "$where=sleep(9000)",
                        "owner.id=x",
                        "limit=1&limit=2",
                        "limit=",
                        "cursor=&owner=",
                        "a".repeat(4000),
                        "class.module.classLoader.resources=x")) {
            gateway(
                    "query " + cut(query),
                    raw("GET", "/jobs?" + query, "", bearer()),
                    "200 malformed-request invalid-cursor forbidden");
        }
        for (String limit :
                List.of("0", "-1", "101", "2147483648", "1.5", "0x10", "1e1", "\u0661", "NaN")) {
            String coded = URLEncoder.encode(limit, StandardCharsets.UTF_8);
            gateway(
                    "limit " + limit,
                    raw("GET", "/jobs?limit=" + coded, "", bearer()),
                    "malformed-request 200");
        }
        gateway(
                "the victim's key",
                raw(
                        "POST",
                        "/upload",
                        part(FILE, TEXT) + end(),
                        bearer(),
                        "Content-Type: " + FORM,
                        "Idempotency-Key: " + scene.victimsKey(),
                        "Content-Length: " + (part(FILE, TEXT) + end()).length()),
                "not-media");
        for (String key : List.of("", " ", "k".repeat(256), "k".repeat(10_000))) {
            gateway(
                    "key of " + key.length(),
                    raw(
                            "POST",
                            "/upload",
                            part(FILE, TEXT) + end(),
                            bearer(),
                            "Content-Type: " + FORM,
                            "Idempotency-Key: " + key,
                            "Content-Length: " + (part(FILE, TEXT) + end()).length()),
                    "malformed-request");
        }
    }
}
