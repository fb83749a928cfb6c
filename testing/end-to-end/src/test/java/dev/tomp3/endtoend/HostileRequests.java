package dev.tomp3.endtoend;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Requests that no well-meaning client sends, each with the answers that are right. Made from
 * tables and a fixed seed, so that they are the same each time.
 */
final class HostileRequests {
    /** The connection is closed without a word. */
    static final String NOTHING = "nothing";

    private static final String BOUNDARY = "----tomp3-hostile";
    private static final String FORM = "multipart/form-data; boundary=" + BOUNDARY;
    private static final String FILE =
            "Content-Disposition: form-data; name=\"file\"; filename=\"video.mp4\"";

    private static final String FORM_REFUSED =
            "malformed-request not-one-file not-media invalid-options option-after-file"
                    + " unsupported-type";

    /** Not a byte of media, so that an upload which comes so far makes no job. */
    private static final String TEXT = "This is text, and was never anything else.";

    /**
     * One of them.
     *
     * @param answers codes of problems, or statuses of what is no refusal, one for each request
     *     that it may be taken for
     */
    @SuppressWarnings("ArrayRecordComponent") // compared with nothing
    record Hostile(String name, URI service, byte[] bytes, Set<String> answers) {
        @Override
        public String toString() {
            return name + " on " + service.getPort();
        }
    }

    /** Where they go, and what their sender knows. */
    record Scene(
            URI gateway,
            URI auth,
            String token,
            String adminToken,
            String email,
            String victimsJob,
            String victimsKey,
            Forgery forgery) {}

    private final Scene scene;
    private final Random random = new Random(20_261_122);
    private final List<Hostile> all = new ArrayList<>();

    private HostileRequests(Scene scene) {
        this.scene = scene;
    }

    static List<Hostile> of(Scene scene) {
        HostileRequests requests = new HostileRequests(scene);
        requests.contentTypes();
        requests.bodies();
        requests.partHeads();
        requests.options();
        requests.lengths();
        requests.chunks();
        requests.heads();
        requests.requestLines();
        requests.paths();
        requests.methods();
        requests.types();
        requests.json();
        requests.tokens();
        requests.credentials();
        requests.operators();
        requests.ranges();
        requests.conditions();
        requests.several();
        requests.otherProtocols();
        requests.halves();
        requests.noise();
        return requests.all;
    }

    // ---- uploads

    private void contentTypes() {
        String body = part(FILE, TEXT) + end();
        for (String type :
                List.of(
                        "multipart/form-data",
                        "multipart/form-data;",
                        "multipart/form-data; boundary",
                        "multipart/form-data; boundary=",
                        "multipart/form-data; boundary=\"\"",
                        "multipart/form-data; boundary=other",
                        "multipart/form-data; boundary=\"" + BOUNDARY,
                        "multipart/form-data; boundary=" + "b".repeat(71),
                        "multipart/form-data; boundary=" + "b".repeat(7000),
                        "multipart/form-data; boundary=a; boundary=" + BOUNDARY,
                        "multipart/form-data; boundary=%0d%0a",
                        "multipart/form-data; boundary=\"a\\\r\n b\"",
                        "multipart/form-data; boundary=\u00e4\u00f6\u00fc",
                        "multipart/form-data; boundary==?utf-8?B?AAAA?=",
                        "multipart/form-data; boundary*=utf-8''" + BOUNDARY,
                        "multipart/form-data; boundary*=nonsense",
                        "multipart/form-data; boundary*=x-none'en'%zz",
                        "multipart/form-data, multipart/form-data; boundary=" + BOUNDARY,
                        "multipart/form-data; charset=utf-7; boundary=other",
                        "MULTIPART/FORM-DATA; BOUNDARY=" + BOUNDARY,
                        "multipart/form-data; charset=x-none; boundary=" + BOUNDARY,
                        "multipart/form-data;boundary=\"" + BOUNDARY + "\"",
                        "multipart/form-data; boundary=" + BOUNDARY + "; boundary=other")) {
            upload("type " + type, type, body);
        }
        for (String type :
                List.of(
                        "multipart/mixed; boundary=" + BOUNDARY,
                        "multipart/related; boundary=" + BOUNDARY,
                        "multipart/*; boundary=" + BOUNDARY,
                        "application/x-www-form-urlencoded",
                        "application/json",
                        "text/html",
                        "video/mp4",
                        "rubbish",
                        "/",
                        "multipart/",
                        ";;;",
                        "")) {
            upload("type " + type, type, body, "unsupported-type");
        }
    }

    private void bodies() {
        String file = part(FILE, TEXT);
        upload("no part", FORM, "", "malformed-request not-one-file");
        upload("only the end", FORM, end(), "malformed-request not-one-file");
        upload("only an end without hyphens", FORM, "--" + BOUNDARY + "\r\n", "malformed-request");
        upload("no end", FORM, file, "not-media malformed-request");
        upload("half a boundary", FORM, file + "--" + BOUNDARY.substring(4));
        upload("line feeds alone", FORM, (file + end()).replace("\r\n", "\n"), "malformed-request");
        upload("carriage returns", FORM, (file + end()).replace("\n", ""));
        upload("a preamble", FORM, "preamble\r\n" + file + end(), "not-media malformed-request");
        upload("a megabyte of preamble", FORM, "p".repeat(1 << 20) + end());
        upload("an epilogue", FORM, file + end() + "x".repeat(100_000), "not-media");
        upload("two ends", FORM, end() + end(), "malformed-request not-one-file");
        upload("spaces after the boundary", FORM, file.replaceFirst("\r\n", " \t\r\n") + end());
        upload("not multipart", FORM, TEXT);
        upload("bytes", FORM, latin(bytes(50_000)));
        upload("zeros", FORM, "\0".repeat(50_000));
        upload("an empty file", FORM, part(FILE, "") + end(), "empty-file");
        upload("an empty file without an end", FORM, part(FILE, ""), "malformed-request");
        upload("two files", FORM, part(FILE, "") + part(FILE, "") + end(), "empty-file");
        upload("two texts", FORM, file + file + end(), "not-media");
        upload("two videos", FORM, media() + media() + end(), "not-one-file");
        upload("a video and a text", FORM, media() + file + end(), "not-one-file");
        upload("a video and half a part", FORM, media() + "--" + BOUNDARY + "\r\nContent");
        upload("half a video", FORM, media().substring(0, 4000), "malformed-request");
        upload("an option after the file", FORM, media() + option("mono", "true") + end());
        upload("empty fields", FORM, option("", "").repeat(5) + end());
        upload(
                "many empty parts",
                FORM,
                "\r\n".repeat(1) + ("--" + BOUNDARY + "\r\n\r\n\r\n").repeat(10_000) + end(),
                "malformed-request not-one-file");
        upload("many options", FORM, many(10_000, "mono") + end(), "invalid-options");
        upload("many names", FORM, many(10_000, "n%d") + end(), "malformed-request");
        upload(
                "many nameless",
                FORM,
                part("Content-Disposition: form-data", "").repeat(10_000) + end(),
                "malformed-request not-one-file");
        upload("many files", FORM, file.repeat(10_000) + end(), "not-media");
        upload("many empty files", FORM, part(FILE, "").repeat(10_000) + end(), "empty-file");
        String inner = "Content-Type: multipart/mixed; boundary=inner";
        String field = "Content-Disposition: form-data; name=\"file\"";
        String attached =
                "--inner\r\nContent-Disposition: attachment; filename=\"a.mp4\"\r\n\r\n" + TEXT;
        upload("nested", FORM, part(field + "\r\n" + inner, attached + "\r\n--inner--") + end());
        upload("nested without an end", FORM, part(field + "\r\n" + inner, attached) + end());
        upload("nested in itself", FORM, part(field + "\r\nContent-Type: " + FORM, file) + end());
        upload(
                "nested without a boundary",
                FORM,
                part(field + "\r\nContent-Type: multipart/mixed", attached) + end());
        upload(
                "nested deep",
                FORM,
                part(field + "\r\n" + inner, ("--inner\r\n" + inner + "\r\n\r\n").repeat(500))
                        + end());
        upload(
                "nested with the same boundary",
                FORM,
                part(field + "\r\nContent-Type: multipart/mixed; boundary=" + BOUNDARY, attached)
                        + end());
        for (String encoding : List.of("base64", "quoted-printable", "gzip", "x-none", "8bit")) {
            upload(
                    "part in " + encoding,
                    FORM,
                    part(
                                    FILE + "\r\nContent-Transfer-Encoding: " + encoding,
                                    Base64.getMimeEncoder().encodeToString(bytes(TEXT)))
                            + end(),
                    "not-media");
        }
        // a boundary that nearly comes, many times over: none of it may take quadratic time
        upload(
                "boundaries nearly",
                FORM,
                part(FILE, ("\r\n--" + BOUNDARY.substring(0, 16)).repeat(50_000)) + end(),
                "not-media");
        upload("hyphens", FORM, part(FILE, "\r\n--".repeat(200_000)) + end(), "not-media");
    }

    private void partHeads() {
        for (String head :
                List.of(
                        "",
                        "Content-Disposition",
                        "Content-Disposition:",
                        ": form-data; name=\"file\"; filename=\"a\"",
                        "Content-Disposition: ;;;",
                        "Content-Disposition: form-data",
                        "Content-Disposition: attachment; name=\"file\"; filename=\"a\"",
                        "Content-Disposition: form-data; filename=\"a.mp4\"",
                        "Content-Disposition: form-data; name=file; filename",
                        "Content-Disposition: form-data; name=\"file; filename=\"a",
                        "Content-Disposition: form-data; name=\"file\"; filename=\"",
                        "Content-Disposition: form-data; name=\"file\"; filename=\"\"",
                        "Content-Disposition: form-data; name=\"file\"; filename=\"a\"; filename=b",
                        "Content-Disposition: form-data; name=\"file\"; name=\"x\"; filename=\"a\"",
                        "Content-Disposition: form-data; name=\"file\"; FILENAME=\"a\"",
                        "Content-Disposition: form-data;\r\n name=\"file\";\r\n\tfilename=\"a\"",
                        " Content-Disposition: form-data; name=\"file\"; filename=\"a\"",
                        "Content-Disposition : form-data; name=\"file\"; filename=\"a\"",
                        FILE + "\r\n" + FILE,
                        FILE + "\r\nContent-Disposition: form-data; name=\"mono\"",
                        FILE + "\r\nContent-Length: -1",
                        FILE + "\r\nContent-Length: 99999999999999999999",
                        FILE + "\r\nContent-Type: \0",
                        FILE + "\r\nContent-Type: " + "x/".repeat(1000),
                        FILE + "\r\nno colon",
                        FILE + "\r\n\0: \0",
                        FILE + "\r\n" + "X: y\r\n".repeat(5000) + "Z: z",
                        FILE + "\r\nX: " + "y".repeat(60_000),
                        FILE + "\r\nX: " + "y".repeat(200_000),
                        FILE + "\r\n" + " fold\r\n".repeat(1000) + "X: y")) {
            upload("part with " + cut(head), FORM, part(head, TEXT) + end());
        }
        for (String name :
                List.of(
                        "../../../../etc/passwd",
                        "..\\..\\boot.ini",
                        "/etc/shadow",
                        "C:\\con",
                        "a\0b.mp4",
                        "a\rb\nc.mp4",
                        "a\\\"; name=\\\"mono",
                        "\u202e4pm.exe",
                        "\ud83c\udfac".repeat(2000),
                        "n".repeat(10_000),
                        "%0d%0aX-Injected: yes",
                        "${jndi:ldap://127.0.0.1/a}",
                        "<script>alert(1)</script>",
                        "'; DROP TABLE users; --",
                        "=?utf-8?B?YS5tcDQ=?=",
                        "=?utf-8?B?A?=",
                        "=?utf-8?B?====?=",
                        "=?utf-8?B?!!!!?=",
                        "=?utf-8?Q?=ZZ=?=",
                        "=?utf-8?Q?=?=",
                        "=?x-none?B?YWFh?=",
                        "=?utf-8?X?YWFh?=",
                        "=?utf-8?",
                        "=??B?YWFh?=",
                        "=?=?=?=?=?=",
                        "=?utf-8?B?" + "YWFh".repeat(5000) + "?=")) {
            upload(
                    "file " + cut(name),
                    FORM,
                    part(
                                    "Content-Disposition: form-data; name=\"file\"; filename=\""
                                            + name
                                            + "\"",
                                    TEXT)
                            + end());
            upload(
                    "field " + cut(name),
                    FORM,
                    option(name, "1") + end(),
                    "invalid-options malformed-request not-one-file");
        }
        for (String name :
                List.of(
                        "utf-8''a.mp4",
                        "UTF-8'en'%C3%A9.mp4",
                        "utf-8''%zz",
                        "utf-8''%",
                        "utf-8''%C3",
                        "utf-8''%ff%fe",
                        "utf-8''%0d%0aX-Injected%3a%20yes",
                        "utf-8''..%2f..%2fetc%2fpasswd",
                        "utf-8'",
                        "utf-8",
                        "''",
                        "'",
                        "'''''",
                        "x-none''a",
                        "\"utf-8''a\"",
                        "")) {
            String extended = "Content-Disposition: form-data; name=\"file\"; filename*=";
            upload("file in " + name, FORM, part(extended + name, TEXT) + end());
            upload(
                    "file twice, in " + name,
                    FORM,
                    part(FILE + "; filename*=" + name, TEXT) + end());
        }
    }

    private void options() {
        for (String value :
                List.of(
                        "-1",
                        "0",
                        "31",
                        "321",
                        "999999999999999999999",
                        "1e2",
                        "0x80",
                        "128.0",
                        "NaN",
                        "\u0661\u0662\u0668",
                        "128; rm -rf /",
                        "128 -f null",
                        "{\"$gt\":0}",
                        "' OR '1'='1",
                        "128\r\nX: y",
                        "\0",
                        "x".repeat(5000))) {
            upload(
                    "bitrate " + cut(value),
                    FORM,
                    option("bitrate", value) + media() + end(),
                    "invalid-options");
        }
        for (String[] pair :
                new String[][] {
                    {"quality", "10"},
                    {"quality", "-1"},
                    {"quality", "$(id)"},
                    {"mono", "yes"},
                    {"mono", "TRUE"},
                    {"mono", "{\"$ne\":null}"},
                    {"sample_rate", "0"},
                    {"sample_rate", "44101"},
                    {"sample_rate", "2147483648"},
                    {"callback", "http://127.0.0.1/"},
                    {"owner", scene.victimsJob()},
                    {"id", scene.victimsJob()},
                    {"$where", "sleep(10000)"},
                    {"bitrate[$ne]", "1"},
                    {"__proto__", "1"},
                    {"class.module.classLoader", "1"}
                }) {
            upload(
                    "option " + pair[0] + "=" + pair[1],
                    FORM,
                    option(pair[0], pair[1]) + media() + end(),
                    "invalid-options");
        }
        upload(
                "both rates",
                FORM,
                option("bitrate", "128") + option("quality", "1") + media() + end(),
                "invalid-options");
        upload(
                "a rate twice",
                FORM,
                option("bitrate", "128") + option("bitrate", "128") + media() + end(),
                "invalid-options");
    }

    // ---- the frame of a request

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
                        bare + "Host: x\r\nHost: y\r\n\r\n",
                        bare + " Host: x\r\n\r\n")) {
            both("head " + cut(head), bytes(head), "200 malformed-request");
        }
    }

    private void requestLines() {
        String host = "\r\nHost: x\r\nConnection: close\r\n\r\n";
        for (String line :
                List.of(
                        "GET",
                        "GET ",
                        "GET /jobs",
                        "GET  /jobs  HTTP/1.1",
                        " GET /jobs HTTP/1.1",
                        "GET\t/jobs\tHTTP/1.1",
                        "GET /jobs HTTP/1.1 x",
                        "GET /jobs HTTP/1.2",
                        "GET /jobs HTTP/2.0",
                        "GET /jobs HTTP/3",
                        "GET /jobs http/1.1",
                        "GET /jobs HTTP/-1.1",
                        "GET /jobs HTTP/1.1.1.1",
                        "GET /jobs FTP/1.1",
                        "GET /jobs HTTP/11111111111111111",
                        "GET jobs HTTP/1.1",
                        "GET ?jobs HTTP/1.1",
                        "GET # HTTP/1.1",
                        "GET * HTTP/1.1",
                        "GET http:///jobs HTTP/1.1",
                        "GET http://[::1/jobs HTTP/1.1",
                        "GET http:/jobs HTTP/1.1",
                        "GET http://user:password@x/jobs HTTP/1.1",
                        "GET https://evil.example/jobs HTTP/1.1",
                        "GET file:///etc/passwd HTTP/1.1",
                        "GET gopher://127.0.0.1:25/x HTTP/1.1",
                        "GET javascript:alert(1) HTTP/1.1",
                        "CONNECT evil.example:443 HTTP/1.1",
                        "CONNECT 127.0.0.1:22 HTTP/1.1",
                        "OPTIONS * HTTP/1.1",
                        "GET /jobs\u00e4 HTTP/1.1",
                        "GET /jobs\0 HTTP/1.1",
                        "GET /jobs\r HTTP/1.1",
                        "GET /" + "x".repeat(17_000) + " HTTP/1.1",
                        "GET /jobs?" + "x".repeat(17_000) + " HTTP/1.1",
                        "GET /jobs?" + "a=b&".repeat(3000) + " HTTP/1.1",
                        "GET /jobs?" + "a&".repeat(1500) + " HTTP/1.1",
                        "x".repeat(17_000) + " / HTTP/1.1",
                        "GET /jobs HTTP/1.1" + "x".repeat(17_000),
                        "\r\n\r\n\r\nGET /jobs HTTP/1.1",
                        "\r\n".repeat(10_000) + "GET /jobs HTTP/1.1")) {
            both(
                    "line " + cut(line),
                    bytes(line + host),
                    "200 malformed-request unauthenticated not-found method-not-allowed");
        }
    }

    private void paths() {
        for (String path :
                List.of(
                        "//jobs",
                        "/jobs//",
                        "/./jobs",
                        "/../jobs",
                        "/x/../jobs",
                        "/health/../jobs",
                        "/health/..;/jobs",
                        "/health/..%2fjobs",
                        "/health/%2e%2e/jobs",
                        "/health/%252e%252e/jobs",
                        "/health/.%2e/jobs",
                        "/health/..%5cjobs",
                        "/health/..\\jobs",
                        "/health/%c0%ae%c0%ae/jobs",
                        "/health/%e0%80%ae/jobs",
                        "/swagger-ui/../jobs",
                        "/swagger-ui/..%2f..%2fjobs",
                        "/swagger-ui/..;/..;/jobs",
                        "/swagger-ui/..%252f..%252fapplication.yml",
                        "/swagger-ui/%2e%2e/application.yml",
                        "/jobs;",
                        "/jobs;a=b",
                        "/jobs;/..",
                        "/;/jobs",
                        "/jobs%00",
                        "/jobs%0a",
                        "/jobs%0d%0aX-Injected:%20yes",
                        "/jobs%20",
                        "/jobs/",
                        "/Jobs",
                        "/JOBS",
                        "/jobs.json",
                        "/jobs.",
                        "/jobs%2f",
                        "/jobs%5c",
                        "/jobs%",
                        "/jobs%z1",
                        "/jobs%u002f",
                        "/jobs%ff",
                        "/%6aobs",
                        "/jobs%23",
                        "/jobs%3f",
                        "/jobs*",
                        "/jobs|",
                        "/jobs`id`",
                        "/jobs\"",
                        "/jobs<>",
                        "/jobs^",
                        "/jobs{id}",
                        "/jobs/{id}",
                        "/users/../users",
                        "/users/%2e%2e",
                        "/users/%2fadmin",
                        "/users;x",
                        "/error",
                        "/WEB-INF/web.xml",
                        "/META-INF/MANIFEST.MF",
                        "/application.yml",
                        "/actuator",
                        "/actuator/heapdump",
                        "/health/db",
                        "/health/nonsense",
                        "/health/live/x",
                        "/health/*",
                        "/metrics/jvm.memory.used",
                        "/metrics/",
                        "/v3/api-docs/../../jobs",
                        "/v3/api-docs/x",
                        "/v3/api-docs.yaml/..",
                        "/h2-console",
                        "/.git/config",
                        "/.env",
                        "/favicon.ico",
                        "/robots.txt",
                        "/cgi-bin/%2e%2e/%2e%2e/bin/sh",
                        "/login/../users",
                        "/register/..;/users",
                        "/password%2f..%2fusers")) {
            both(
                    "path " + path,
                    raw("GET", path, ""),
                    "200 malformed-request unauthenticated not-found method-not-allowed");
            gateway(
                    "path " + path + " with a token",
                    raw("GET", path, "", bearer()),
                    "200 malformed-request unauthenticated not-found forbidden method-not-allowed");
        }
        String job = scene.victimsJob();
        for (String id :
                List.of(
                        job,
                        job.toUpperCase(Locale.ROOT),
                        job + "%00",
                        job + "%20",
                        "%20" + job,
                        job + "/",
                        job + ".json",
                        job + ";x",
                        job + "%2f",
                        "./" + job,
                        job.substring(0, 23),
                        job + "0",
                        "%7B%22$gt%22:%22%22%7D",
                        "0".repeat(24),
                        "f".repeat(24),
                        "-1",
                        "0".repeat(10_000),
                        "%F0%9F%8E%AC",
                        "..",
                        "%2e%2e")) {
            for (String method : List.of("GET", "DELETE", "HEAD")) {
                gateway(
                        method + " job " + cut(id),
                        raw(method, "/jobs/" + id, "", bearer()),
                        "not-found malformed-request");
            }
            gateway(
                    "download " + cut(id),
                    raw("GET", "/download?fid=" + id, "", bearer()),
                    "not-found");
        }
    }

    private void methods() {
        for (String method :
                List.of(
                        "TRACE",
                        "TRACK",
                        "CONNECT",
                        "PROPFIND",
                        "MKCOL",
                        "MOVE",
                        "SEARCH",
                        "PATCH",
                        "PUT",
                        "DELETE",
                        "OPTIONS",
                        "DEBUG",
                        "BREW",
                        "get",
                        "Post",
                        "GETS",
                        "-",
                        "x".repeat(500),
                        "G\u00cbT",
                        "GE T",
                        "G@T",
                        "\"GET\"",
                        "PRI",
                        "M-SEARCH",
                        "UNLOCK",
                        "QUERY")) {
            both(
                    method + " /login",
                    raw(method, "/login", ""),
                    "method-not-allowed malformed-request 200");
            gateway(
                    method + " /upload",
                    raw(method, "/upload", "", bearer()),
                    "method-not-allowed malformed-request 200");
            gateway(
                    method + " /download",
                    raw(method, "/download?fid=" + scene.victimsJob(), "", bearer()),
                    "method-not-allowed malformed-request 200");
        }
    }

    private void types() {
        String body = credentials("new@example.org", "short");
        for (String type :
                List.of(
                        "",
                        "text/plain",
                        "text/json",
                        "application/xml",
                        "application/x-www-form-urlencoded",
                        FORM,
                        "application/x-java-serialized-object",
                        "application/cbor",
                        "application/yaml",
                        "application/x-jackson-smile",
                        "application/json, text/plain",
                        "application/*",
                        "*/*",
                        "rubbish",
                        "application/",
                        "/json",
                        "application/json; charset",
                        "application/json; charset=x-none",
                        "application/json; charset=\"",
                        "application/json; charset=utf-7",
                        "application/json; charset=utf-32",
                        "application/json; charset=" + "x".repeat(4000),
                        "application/json; charset=../../etc/passwd",
                        "application/" + "x".repeat(4000))) {
            both(
                    "type " + cut(type),
                    raw(
                            "POST",
                            "/register",
                            body,
                            "Content-Type: " + type,
                            "Content-Length: " + body.length()),
                    "unsupported-type malformed-request invalid-password");
        }
        for (String encoding : List.of("gzip", "br", "identity, gzip", "../x", "zip-bomb")) {
            both(
                    "in " + encoding,
                    raw(
                            "POST",
                            "/register",
                            body,
                            "Content-Type: application/json",
                            "Content-Encoding: " + encoding,
                            "Content-Length: " + body.length()),
                    "invalid-password unsupported-type malformed-request");
        }
        for (String accept :
                List.of(
                        "text/html",
                        "rubbish",
                        "*",
                        "/",
                        "text/html;q=2",
                        "application/json;q=nonsense",
                        "a/b,".repeat(1000),
                        "text/html, application/xml;q=0.9",
                        "image/avif",
                        "application/json;version=\"",
                        "\u00e4/\u00f6")) {
            both(
                    "accept " + cut(accept),
                    raw("POST", "/login", "", "Accept: " + accept),
                    "not-acceptable bad-credentials malformed-request");
            gateway(
                    "jobs as " + cut(accept),
                    raw("GET", "/jobs", "", bearer(), "Accept: " + accept),
                    "not-acceptable malformed-request 200");
        }
    }

    // ---- what is in the body

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

    // ---- who is asking

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

    // ---- reading

    private void ranges() {
        for (String range :
                List.of(
                        "bytes=0-",
                        "bytes=-",
                        "bytes=--1",
                        "bytes=5-1",
                        "bytes=-0",
                        "bytes=-99999999999999999999",
                        "bytes=99999999999999999999-",
                        "bytes=0-9223372036854775807",
                        "bytes=9223372036854775807-9223372036854775807",
                        "bytes=0-0,-1",
                        "bytes=" + "0-0,".repeat(3000) + "0-0",
                        "bytes=" + "0-,".repeat(3000) + "0-",
                        "bytes=a-b",
                        "bytes=0x0-0x1",
                        "bytes 0-1",
                        "bytes=",
                        "=0-1",
                        "items=0-1",
                        "bytes=0-1;bytes=2-3",
                        "bytes= 0 - 1 ",
                        "\0",
                        "bytes=\u0661-\u0662")) {
            for (String own : List.of("GET", "HEAD")) {
                gateway(
                        own + " range " + cut(range),
                        raw(
                                own,
                                "/download?fid=" + scene.victimsJob(),
                                "",
                                bearer(),
                                "Range: " + range),
                        "not-found malformed-request");
            }
            both(
                    "page in " + cut(range),
                    raw("GET", "/health/live", "", "Range: " + range),
                    "200 206 range-not-satisfiable malformed-request");
            both(
                    "script in " + cut(range),
                    raw("GET", "/swagger-ui/index.css", "", "Range: " + range),
                    "200 206 range-not-satisfiable malformed-request");
        }
    }

    private void conditions() {
        for (String condition :
                List.of(
                        "If-None-Match: *",
                        "If-None-Match: \"" + scene.victimsJob() + "-1\"",
                        "If-None-Match: " + "\"a\",".repeat(2000),
                        "If-None-Match: \"",
                        "If-Match: *",
                        "If-Match: W/\"x\"",
                        "If-Modified-Since: nonsense",
                        "If-Modified-Since: Fri, 31 Feb 99999 25:61:61 GMT",
                        "If-Modified-Since: -1",
                        "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
                        "If-Range: \"x\"\r\nRange: bytes=0-1",
                        "If-Range: nonsense\r\nRange: bytes=0-1")) {
            gateway(
                    cut(condition),
                    raw("GET", "/download?fid=" + scene.victimsJob(), "", bearer(), condition),
                    "not-found");
            gateway("jobs " + cut(condition), raw("GET", "/jobs", "", bearer(), condition), "200");
            both(
                    "script " + cut(condition),
                    raw("GET", "/swagger-ui/index.css", "", condition),
                    "200 206 304 precondition-failed malformed-request");
        }
    }

    // ---- more than one request, or none

    private void several() {
        String second = "GET /jobs HTTP/1.1\r\nHost: x\r\n" + bearer() + "\r\n\r\n";
        String json = "Content-Type: application/json\r\n";
        for (String first :
                List.of(
                        json + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                        json + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
                        json + "Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n\r\n",
                        json + "Transfer-Encoding : chunked\r\nContent-Length: 0\r\n\r\n",
                        json + "Content-Length: 0\r\nContent-Length: 50\r\n\r\n",
                        json + "Content-Length: 0, 0\r\n\r\n",
                        json + "Content-Length: 00\r\n X: y\r\n\r\n",
                        json + "Transfer-Encoding: chunked\r\n\r\n0\nX: y\r\n\r\n",
                        json + "Transfer-Encoding: chunked\r\n\r\n0;\nx\r\n\r\n",
                        json + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n",
                        json + "Transfer-Encoding: chunked\r\n\r\n0\r\n\n",
                        json + "X: y\rContent-Length: 0\r\n\r\n",
                        json + "\0\r\n\r\n")) {
            both(
                    "before another: " + cut(first),
                    bytes("POST /register HTTP/1.1\r\nHost: x\r\n" + first + second),
                    "malformed-request");
        }
        both(
                "another after an upgrade",
                bytes(
                        "GET /health/live HTTP/1.1\r\n"
                                + "Host: x\r\n"
                                + "Upgrade: websocket\r\n"
                                + "Connection: Upgrade\r\n"
                                + "Sec-WebSocket-Version: 777\r\n\r\n"
                                + second),
                "200 unauthenticated not-found");
        both(
                "a hundred at once",
                bytes("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100)),
                "200");
    }

    private void otherProtocols() {
        for (String opening :
                List.of(
                        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
                        "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003",
                        "\u0080.\u0001\u0003\u0001\0\u0015\0\0\0\20",
                        "SSH-2.0-OpenSSH_9.9\r\n",
                        "EHLO evil.example\r\nMAIL FROM:<a@b>\r\n",
                        "USER anonymous\r\n",
                        "*1\r\n$4\r\nINFO\r\n",
                        "AMQP\0\0\u0009\u0001",
                        "\u0003\0\0\u0013\u000e\u00e0\0\0\0\0\0\u0001\0\u0008\0",
                        "GET /jobs\r\n",
                        "GET /jobs\n\n",
                        "get\n",
                        "\n\n\n",
                        "\0",
                        "\u00ff".repeat(1000),
                        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                        "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nGET /jobs HTTP/1.1\r\nHost: x\r\n\r\n",
                        "GET /jobs HTTP/1.0\r\n\r\n",
                        "GET /jobs HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
                        "POST /upload HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                        "GET /jobs HTTP/0.9\r\n\r\n")) {
            both(
                    "opening " + cut(opening),
                    bytes(opening),
                    "malformed-request unauthenticated not-found nothing");
        }
    }

    /** What ends in the middle; whether there is somebody to read an answer is not known. */
    private void halves() {
        byte[] whole =
                raw(
                        "POST",
                        "/register",
                        credentials("new@example.org", "short"),
                        "Content-Type: application/json",
                        "Content-Length: 48");
        for (int end = 1; end < whole.length - 1; end += 6) {
            both(
                    "the first " + end + " bytes",
                    Arrays.copyOf(whole, end),
                    "nothing malformed-request");
        }
        String form = option("mono", "true") + media() + end();
        byte[] upload =
                raw(
                        "POST",
                        "/upload",
                        form,
                        bearer(),
                        "Content-Type: " + FORM,
                        "Content-Length: " + form.length());
        for (int end = upload.length - 5200; end < upload.length; end += 180) {
            gateway(
                    "the first " + end + " bytes of an upload",
                    Arrays.copyOf(upload, end),
                    "nothing malformed-request not-one-file not-media empty-file");
        }
    }

    /** Good requests with a few bytes of them changed at random. */
    private void noise() {
        String body = credentials("new@example.org", "short");
        byte[] register = json("POST", "/register", body);
        byte[] jobs = raw("GET", "/jobs?limit=5", "", bearer());
        for (int i = 0; i < 40; i++) {
            both(
                    "noise " + i,
                    spoilt(register),
                    "malformed-request invalid-password invalid-email unsupported-type not-found"
                            + " method-not-allowed unauthenticated not-acceptable nothing");
            gateway(
                    "noise " + i,
                    spoilt(jobs),
                    "malformed-request unauthenticated not-found method-not-allowed 200"
                            + " invalid-cursor nothing");
        }
    }

    private byte[] spoilt(byte[] request) {
        byte[] copy = request.clone();
        for (int i = 0; i < 3; i++) copy[random.nextInt(copy.length)] = (byte) random.nextInt(256);
        return copy;
    }

    // ---- how they are made

    private void add(String name, URI service, byte[] bytes, String answers) {
        all.add(new Hostile(name, service, bytes, Set.of(answers.split(" "))));
    }

    private void gateway(String name, byte[] bytes, String answers) {
        add(name, scene.gateway(), bytes, answers);
    }

    /** To auth itself, too, as the gateway passes on what is auth's. */
    private void both(String name, byte[] bytes, String answers) {
        gateway(name, bytes, answers);
        add(name, scene.auth(), bytes, answers);
    }

    private void upload(String name, String type, String body) {
        upload(name, type, body, FORM_REFUSED);
    }

    private void upload(String name, String type, String body, String answers) {
        gateway(
                "upload: " + cut(name),
                raw(
                        "POST",
                        "/upload",
                        body,
                        bearer(),
                        "Content-Type: " + type,
                        "Content-Length: " + bytes(body).length),
                answers);
    }

    private static byte[] json(String method, String path, String body, String... headers) {
        String[] all = Arrays.copyOf(headers, headers.length + 2);
        all[headers.length] = "Content-Type: application/json";
        all[headers.length + 1] = "Content-Length: " + bytes(body).length;
        return raw(method, path, body, all);
    }

    private String admin() {
        return "Authorization: Bearer " + scene.adminToken();
    }

    private String bearer() {
        return "Authorization: Bearer " + scene.token();
    }

    private static byte[] raw(String method, String target, String body, String... headers) {
        return raw(method, target, bytes(body), headers);
    }

    private static byte[] raw(String method, String target, byte[] body, String... headers) {
        StringBuilder head = new StringBuilder();
        head.append(method).append(' ').append(target).append(" HTTP/1.1\r\nHost: x\r\n");
        for (String header : headers) head.append(header).append("\r\n");
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(bytes(head.append("Connection: close\r\n\r\n").toString()));
        request.writeBytes(body);
        return request.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static String part(String head, String content) {
        return "--" + BOUNDARY + "\r\n" + head + "\r\n\r\n" + content + "\r\n";
    }

    private static String option(String name, String value) {
        return part("Content-Disposition: form-data; name=\"" + name + "\"", value);
    }

    private static String many(int number, String name) {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < number; i++) all.append(option(name.formatted(i), "1"));
        return all.toString();
    }

    /** What begins like an MP4: it is taken for one, and stored, until the form turns out wrong. */
    private static String media() {
        return part(FILE, "\0\0\0\30ftypisom" + "rubbish ".repeat(600));
    }

    private static String end() {
        return "--" + BOUNDARY + "--\r\n";
    }

    private static String chunk(String text) {
        return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }

    private static String credentials(String email, String password) {
        return User.JSON.writeValueAsString(Map.of("email", email, "password", password));
    }

    private static String basic(String text) {
        return Base64.getEncoder().encodeToString(bytes(text));
    }

    private static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static String cut(String text) {
        String line = text.replaceAll("[^ -~]+", "~");
        return line.length() <= 60 ? line : line.substring(0, 57) + "...";
    }
}
