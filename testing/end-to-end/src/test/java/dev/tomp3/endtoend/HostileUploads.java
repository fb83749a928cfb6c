package dev.tomp3.endtoend;

import java.util.Base64;
import java.util.List;

/** Forms of {@code POST /upload} that are wrong in their type, their parts, names and options. */
final class HostileUploads extends HostileRequests {
    HostileUploads(Scene scene) {
        super(scene);
    }

    @Override
    void make() {
        contentTypes();
        bodies();
        partHeads();
        options();
    }

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
}
