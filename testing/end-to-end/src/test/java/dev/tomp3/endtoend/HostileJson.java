package dev.tomp3.endtoend;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** JSON bodies that are malformed, too deep, too long or of the wrong types. */
final class HostileJson extends HostileRequests {
    HostileJson(Scene scene) {
        super(scene);
    }

    @Override
    void make() {
        json();
        webhooks();
    }

    private void webhooks() {
        String id = scene.victimsJob();
        for (String url :
                List.of(
                        "null",
                        "{\"$ne\":null}",
                        "[\"https://example.org/\"]",
                        "\"\"",
                        "\"//example.org/\"",
                        "\"file:///etc/passwd\"",
                        "\"jar:http://example.org/x!/\"",
                        "\"gopher://127.0.0.1:25/_MAIL\"",
                        "\"http://a@127.0.0.1/\"",
                        "\"http://example.org:25/\"",
                        "\"http://example.org/\\r\\nX: y\"",
                        "\"http://\\u0000.example.org/\"",
                        "\"http://${jndi:ldap://x}/\"",
                        "\"http://[::ffff:127.0.0.1%25lo0\"",
                        "\"https://example.org/" + "x".repeat(5000) + "\""))
            gateway(
                    "a webhook to " + cut(url),
                    json("POST", "/webhooks", "{\"url\":" + url + "}", bearer()),
                    "invalid-webhook malformed-request");
        for (String events : List.of("[]", "[null]", "[{\"$ne\":1}]", "\"job.done\"", "[\"*\"]"))
            gateway(
                    "a webhook for " + events,
                    json(
                            "POST",
                            "/webhooks",
                            "{\"url\":\"https://example.org/\",\"events\":" + events + "}",
                            bearer()),
                    "invalid-webhook malformed-request");
        for (String path : List.of("/webhooks/" + id, "/webhooks/x", "/webhooks/$ne"))
            for (String more : List.of("/rotate", "/test", "/deliveries/msg_$ne/replay"))
                gateway(
                        "a webhook of nobody " + path + more,
                        json("POST", path + more, "{}", bearer()),
                        "not-found");
    }

    private void json() {
        String deep = "[".repeat(8000);
        for (String body :
                List.of(
                        "",
                        " ",
                        "null",
                        "true",
                        "0",
                        "\"text\"",
                        "[]",
                        "{}",
                        "{",
                        "}",
                        "{\"email\"",
                        "{\"email\":}",
                        "{\"email\":\"a",
                        "{'email':'a@b'}",
                        "{email:\"a@b\"}",
                        "{\"email\":\"a@b\",}",
                        "{\"email\":\"a@b\"}{",
                        "{\"email\":NaN}",
                        "{\"email\":-Infinity}",
                        "{\"email\":1e999999999}",
                        "{\"email\":" + "9".repeat(2000) + "}",
                        "{\"email\":0." + "1".repeat(10_000) + "}",
                        "{\"email\":\"\\ud800\"}",
                        "{\"email\":\"\\u0000\"}",
                        "{\"email\":\"\\x\"}",
                        "{\"email\":\"a\nb\"}",
                        "{\"email\":\"a\0b\"}",
                        "/* comment */{}",
                        "// comment\n{}",
                        "<a/>",
                        "email=a@b&password=12345678",
                        "--- !!javax.script.ScriptEngineManager []",
                        "{\"email\":[\"a@b\"],\"password\":\"12345678\"}",
                        "{\"email\":{\"$gt\":\"\"},\"password\":{\"$gt\":\"\"}}",
                        "{\"email\":null,\"password\":null}",
                        "{\"email\":1,\"password\":2}",
                        "{\"email\":true,\"password\":false}",
                        "{\"@class\":\"java.lang.Runtime\",\"email\":\"a@b\"}",
                        "{\"@type\":\"com.sun.rowset.JdbcRowSetImpl\"}",
                        "{\"__proto__\":{\"admin\":true},\"email\":\"x\"}",
                        "{\"email\":\"x\",\"email\":\"y\",\"password\":\"short\"}",
                        "{\"email\":\"x\",\"roles\":[\"admin\"],\"password\":\"short\"}",
                        "{\"" + "k".repeat(10_000) + "\":1}",
                        "{\"email\":\"" + "a".repeat(16_000) + "\"}",
                        "{\"a\":".repeat(2000) + "1" + "}".repeat(2000),
                        deep,
                        deep + "]".repeat(8000),
                        "{\"a\":" + deep,
                        "[" + "1,".repeat(7000) + "1]",
                        "{" + "\"a\":1,".repeat(2000) + "\"a\":1}",
                        "\ufeff{\"email\":\"x\",\"password\":\"short\"}",
                        "x".repeat(10 << 20))) {
            for (String path : List.of("/register", "/password", "/users")) {
                byte[] request =
                        raw(
                                "POST",
                                path,
                                body,
                                path.equals("/users") ? admin() : bearer(),
                                "Content-Type: application/json",
                                "Content-Length: " + body.getBytes(StandardCharsets.UTF_8).length);
                String name = path + " " + cut(body);
                if (body.length() > 1 << 20) {
                    both(name, request, "too-large");
                } else {
                    both(name, request, "malformed-request invalid-email invalid-password");
                }
            }
        }
        byte[] good = credentials("new@example.org", "short").getBytes(StandardCharsets.UTF_8);
        for (String charset : List.of("UTF-16BE", "UTF-16LE", "UTF-32BE", "UTF-7", "IBM037")) {
            byte[] body =
                    Charset.isSupported(charset)
                            ? new String(good, StandardCharsets.UTF_8)
                                    .getBytes(Charset.forName(charset))
                            : good;
            both(
                    "json in " + charset,
                    raw(
                            "POST",
                            "/register",
                            body,
                            "Content-Type: application/json",
                            "Content-Length: " + body.length),
                    "malformed-request invalid-password");
        }
        for (int[] bad :
                new int[][] {
                    {0xc0, 0xaf},
                    {0xff},
                    {0xed, 0xa0, 0x80},
                    {0xf8, 0x88},
                    {0xe2, 0x82},
                    {0x80},
                    {0xf4, 0x90, 0x80, 0x80}
                }) {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            body.writeBytes("{\"email\":\"".getBytes(StandardCharsets.UTF_8));
            for (int b : bad) body.write(b);
            body.writeBytes(
                    "@example.org\",\"password\":\"short\"}".getBytes(StandardCharsets.UTF_8));
            both(
                    "json with bytes " + bad.length + " " + bad[0],
                    raw(
                            "POST",
                            "/register",
                            body.toByteArray(),
                            "Content-Type: application/json",
                            "Content-Length: " + body.size()),
                    "malformed-request invalid-password invalid-email");
        }
    }
}
