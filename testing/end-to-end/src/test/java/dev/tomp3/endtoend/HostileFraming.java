package dev.tomp3.endtoend;

import java.util.List;
import java.util.Locale;

/** Requests whose length, chunks or headers are wrong, so that it is unclear where they end. */
final class HostileFraming extends HostileRequests {
    HostileFraming(Scene scene) {
        super(scene);
    }

    @Override
    void make() {
        lengths();
        chunks();
        heads();
    }

    private void lengths() {
        String body = credentials("new@example.org", "short");
        for (String length :
                List.of(
                        "-1",
                        "-0",
                        "+5",
                        "0x10",
                        "1e1",
                        "5 5",
                        "5,5",
                        "5, 6",
                        "five",
                        "\"5\"",
                        "5;",
                        "9223372036854775807",
                        "9223372036854775808",
                        "99999999999999999999999999",
                        "")) {
            both(
                    "length " + length,
                    raw(
                            "POST",
                            "/register",
                            body,
                            "Content-Type: application/json",
                            "Content-Length: " + length),
                    "malformed-request too-large");
            gateway(
                    "upload of length " + length,
                    raw(
                            "POST",
                            "/upload",
                            "x",
                            bearer(),
                            "Content-Type: " + FORM,
                            "Content-Length: " + length),
                    "malformed-request too-large");
        }
        both(
                "length too short",
                raw(
                        "POST",
                        "/register",
                        body,
                        "Content-Type: application/json",
                        "Content-Length: 7"),
                "malformed-request");
        both(
                "length too long",
                raw(
                        "POST",
                        "/register",
                        body,
                        "Content-Type: application/json",
                        "Content-Length: 15000"),
                "malformed-request nothing");
        both(
                "length zero",
                raw(
                        "POST",
                        "/register",
                        body,
                        "Content-Type: application/json",
                        "Content-Length: 0"),
                "malformed-request");
        both(
                "no length",
                raw("POST", "/register", body, "Content-Type: application/json"),
                "malformed-request");
        both(
                "two lengths",
                raw(
                        "POST",
                        "/register",
                        body,
                        "Content-Type: application/json",
                        "Content-Length: 5",
                        "Content-Length: 6"),
                "malformed-request");
        both(
                "the same length twice",
                raw(
                        "POST",
                        "/register",
                        body,
                        "Content-Type: application/json",
                        "Content-Length: 5",
                        "Content-Length: 5"),
                "malformed-request");
        both(
                "length and chunks",
                raw(
                        "POST",
                        "/register",
                        chunk(body) + "0\r\n\r\n",
                        "Content-Type: application/json",
                        "Content-Length: 5",
                        "Transfer-Encoding: chunked"),
                "malformed-request invalid-password");
        gateway(
                "upload of a terabyte",
                raw(
                        "POST",
                        "/upload",
                        "x",
                        bearer(),
                        "Content-Type: " + FORM,
                        "Content-Length: 1099511627776"),
                "too-large");
        gateway(
                "upload that breaks off",
                raw(
                        "POST",
                        "/upload",
                        media().substring(0, 3000),
                        bearer(),
                        "Content-Type: " + FORM,
                        "Content-Length: 5000"),
                "malformed-request nothing");
        both(
                "GET with a body",
                raw("GET", "/health/live", "x".repeat(1000), "Content-Length: 1000"),
                "200");
        both(
                "GET with a large body",
                raw("GET", "/health/live", "x".repeat(3 << 20), "Content-Length: " + (3 << 20)),
                "200 too-large");
        for (String expect : List.of("100-continue", "200-ok", "nonsense", "")) {
            both(
                    "Expect: " + expect,
                    raw(
                            "POST",
                            "/register",
                            body,
                            "Content-Type: application/json",
                            "Expect: " + expect,
                            "Content-Length: " + body.length()),
                    "invalid-password malformed-request");
        }
    }

    private void chunks() {
        String json = credentials("new@example.org", "short");
        String size = Integer.toHexString(json.length());
        for (String body :
                List.of(
                        chunk(json) + "0\r\n\r\n",
                        size + ";name=value\r\n" + json + "\r\n0\r\n\r\n",
                        size + ";" + "x".repeat(3000) + "\r\n" + json + "\r\n0\r\n\r\n",
                        size + ";" + "x".repeat(10_000) + "\r\n" + json + "\r\n0\r\n\r\n",
                        "0".repeat(100) + size + "\r\n" + json + "\r\n0\r\n\r\n",
                        size.toUpperCase(Locale.ROOT) + "\r\n" + json + "\r\n0\r\n\r\n",
                        " " + size + " \r\n" + json + "\r\n0\r\n\r\n",
                        "0x" + size + "\r\n" + json + "\r\n0\r\n\r\n",
                        "-" + size + "\r\n" + json + "\r\n0\r\n\r\n",
                        "+" + size + "\r\n" + json + "\r\n0\r\n\r\n",
                        "g\r\n" + json + "\r\n0\r\n\r\n",
                        "\r\n" + json + "\r\n0\r\n\r\n",
                        size + "\n" + json + "\n0\n\n",
                        size + "\r" + json + "\r0\r\r",
                        size + "\r\n" + json + "0\r\n\r\n",
                        size + "\r\n" + json + "xx\r\n0\r\n\r\n",
                        "ffffffff\r\n" + json + "\r\n0\r\n\r\n",
                        "7fffffffffffffff\r\n" + json + "\r\n0\r\n\r\n",
                        "ffffffffffffffffffffffff\r\n" + json + "\r\n0\r\n\r\n",
                        "80000000\r\n" + json + "\r\n0\r\n\r\n",
                        chunk(json),
                        chunk(json) + "0\r\n",
                        chunk(json) + "0\r\nX-Trailer: yes\r\n\r\n",
                        chunk(json) + "0\r\nContent-Length: 5\r\n\r\n",
                        chunk(json) + "0\r\nAuthorization: Bearer x\r\n\r\n",
                        chunk(json) + "0\r\nno colon\r\n\r\n",
                        chunk(json) + "0\r\nX: \0\r\n\r\n",
                        chunk(json) + "0\r\nX: " + "y".repeat(20_000) + "\r\n\r\n",
                        chunk(json) + "0\r\n" + "X: y\r\n".repeat(2000) + "\r\n",
                        chunk("x").repeat(20_000) + "0\r\n\r\n",
                        "0\r\n\r\n",
                        "")) {
            both(
                    "chunks " + cut(body),
                    raw(
                            "POST",
                            "/register",
                            body,
                            "Content-Type: application/json",
                            "Transfer-Encoding: chunked"),
                    "invalid-password malformed-request too-large nothing");
            gateway(
                    "upload in chunks " + cut(body),
                    raw(
                            "POST",
                            "/upload",
                            body,
                            bearer(),
                            "Content-Type: " + FORM,
                            "Transfer-Encoding: chunked"),
                    "malformed-request not-one-file");
        }
        for (String encoding :
                List.of(
                        "Transfer-Encoding: identity",
                        "Transfer-Encoding: gzip",
                        "Transfer-Encoding: gzip, chunked",
                        "Transfer-Encoding: chunked, identity",
                        "Transfer-Encoding: chunked, chunked",
                        "Transfer-Encoding: xchunked",
                        "Transfer-Encoding: chunkedx",
                        "Transfer-Encoding: \"chunked\"",
                        "Transfer-Encoding: \u000bchunked",
                        "Transfer-Encoding: chunked\0",
                        "Transfer-Encoding : chunked",
                        " Transfer-Encoding: chunked",
                        "Transfer-Encoding:\r\n chunked",
                        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
                        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
                        "Transfer-Encoding:",
                        "TE: trailers, deflate\r\nTransfer-Encoding: ,")) {
            both(
                    encoding,
                    raw(
                            "POST",
                            "/register",
                            chunk(json) + "0\r\n\r\n",
                            "Content-Type: application/json",
                            encoding),
                    "malformed-request invalid-password unsupported-type");
        }
    }

    private void heads() {
        for (String header :
                List.of(
                        "X: " + "x".repeat(15_000),
                        "X: " + "x".repeat(17_000),
                        "X: " + "x".repeat(100_000),
                        "x".repeat(17_000) + ": y",
                        "Cookie: " + "a=b; ".repeat(4000),
                        "Cookie: " + "a=b;".repeat(1000),
                        "Cookie: \0=\0; $Version=1; $Path=../",
                        "Cookie: JSESSIONID=" + "F".repeat(32),
                        "X: y\r\n".repeat(99) + "Z: z",
                        "X: y\r\n".repeat(150) + "Z: z",
                        "X: y\r\n".repeat(2000) + "Z: z",
                        "X:\r\n".repeat(90) + "Z:",
                        "no colon",
                        ": no name",
                        "X y: z",
                        "X\0Y: z",
                        "X: y\0z",
                        "X: y\rZ: z",
                        "X: y\nZ: z",
                        "X: \u00ff\u0080",
                        "X\u00e4: y",
                        "X: a\r\n b\r\n\tc",
                        "\tX: y",
                        "(): {}",
                        "Host: other",
                        "Host:",
                        "Content-Type",
                        "Connection: keep-alive, close, upgrade\r\nUpgrade: h2c",
                        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x",
                        "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nConnection: Upgrade",
                        "X-Forwarded-For: 127.0.0.1",
                        "X-Forwarded-For: " + "1.1.1.1, ".repeat(1000) + "x",
                        "X-Forwarded-For: '; DROP TABLE login_failures; --",
                        "X-Forwarded-Proto: javascript",
                        "X-Forwarded-Host: evil.example\r\nX-Forwarded-Port: 99999",
                        "X-Forwarded-Prefix: //evil.example",
                        "Forwarded: for=\"[::1]\";host=evil.example;proto=gopher",
                        "X-Original-URL: /users",
                        "X-Rewrite-URL: /users",
                        "X-HTTP-Method-Override: DELETE",
                        "Accept-Encoding: " + "gzip, ".repeat(500),
                        "Accept-Language: " + "de-DE-u-co-phonebk;q=0.".repeat(100),
                        "Accept-Language: *;q=nonsense, \u00fc",
                        "Origin: null\r\nAccess-Control-Request-Method: DELETE",
                        "Origin: http://evil.example",
                        "Referer: javascript:alert(1)",
                        "User-Agent: ${jndi:ldap://127.0.0.1/a}",
                        "User-Agent: () { :;}; echo x",
                        "Date: never",
                        "Content-Encoding: gzip",
                        "Keep-Alive: timeout=99999999999999",
                        "Max-Forwards: -1",
                        "Proxy-Connection: keep-alive",
                        "Via: " + "1.1 a, ".repeat(1000))) {
            both(
                    "head with " + cut(header),
                    raw("GET", "/health/live", "", header),
                    "200 malformed-request");
        }
        String bare = "GET /health/live HTTP/1.1\r\n";
        for (String head :
                List.of(
                        bare + "\r\n",
                        bare + "Host: a b\r\n\r\n",
                        bare + "Host: a@b\r\n\r\n",
                        bare + "Host: a/b\r\n\r\n",
                        bare + "Host: a:b\r\n\r\n",
                        bare + "Host: a:99999\r\n\r\n",
                        bare + "Host: [::1\r\n\r\n",
                        bare + "Host: " + "a".repeat(5000) + "\r\n\r\n",
                        bare + "Host: localhost\r\nHost: y\r\n\r\n",
                        bare + " Host: localhost\r\n\r\n")) {
            both("head " + cut(head), bytes(head), "200 malformed-request misdirected");
        }
    }
}
