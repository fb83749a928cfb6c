package dev.tomp3.endtoend;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Requests of {@code /files} that are wrong in their numbers, metadata, methods and paths. */
final class HostileResumableUploads extends HostileRequests {
    private static final String TUS = "Tus-Resumable: 1.0.0";
    private static final String PART = "Content-Type: application/offset+octet-stream";

    HostileResumableUploads(Scene scene) {
        super(scene);
    }

    @Override
    void make() {
        for (String number :
                List.of(
                        "-1",
                        "+1",
                        "1.5",
                        "1e9",
                        "0x7fffffff",
                        "9223372036854775807",
                        "9223372036854775808",
                        "18446744073709551616",
                        "\u0661\u0662",
                        "1, 2",
                        "NaN",
                        "null",
                        "$gt",
                        "{\"$gt\":0}",
                        " ",
                        "9".repeat(4000))) {
            create(
                    "length " + cut(number),
                    "malformed-request too-large",
                    "Upload-Length: " + number);
            create(
                    "deferred " + cut(number),
                    "malformed-request",
                    "Upload-Defer-Length: " + number);
            patch(
                    "offset " + cut(number),
                    scene.victimsJob(),
                    "malformed-request not-found",
                    "Upload-Offset: " + number);
        }
        create("of nothing", "empty-file", "Upload-Length: 0");
        create("too long", "too-large", "Upload-Length: 999999999999999");
        create("two lengths", "malformed-request", "Upload-Length: 1", "Upload-Defer-Length: 1");
        create("without a length", "malformed-request");
        metadata();
        methods();
        paths();
        text();
    }

    private void metadata() {
        for (String metadata :
                List.of(
                        ",",
                        ",,,,",
                        "filename,filename",
                        "filename ***",
                        "filename /w==",
                        "filename YQ== YQ==",
                        "filename YQ=",
                        "\u00fcml\u00e4ut YQ==",
                        "$where c2xlZXA=",
                        "bitrate OTk5OTk5OTk5OTk5",
                        "bitrate LTE=",
                        "constructor YQ==",
                        "__proto__ YQ==",
                        "x".repeat(300) + " YQ==",
                        "k YQ==,".repeat(500))) {
            create(
                    "metadata " + cut(metadata),
                    "invalid-metadata invalid-options",
                    "Upload-Length: 10",
                    "Upload-Metadata: " + metadata);
        }
    }

    private void methods() {
        for (String method :
                List.of("TRACE", "CONNECT", "get", "PUT", "GET", "BREW", "", "x".repeat(500))) {
            gateway(
                    "files as " + cut(method),
                    raw("POST", "/files", "", bearer(), TUS, "X-HTTP-Method-Override: " + method),
                    "method-not-allowed malformed-request");
        }
        for (String method : List.of("DELETE", "PATCH")) {
            gateway(
                    "the victim's upload by " + method,
                    raw(
                            "GET",
                            "/files/" + scene.victimsJob(),
                            "",
                            bearer(),
                            TUS,
                            PART,
                            "Upload-Offset: 0",
                            "X-HTTP-Method-Override: " + method),
                    "not-found");
            gateway(
                    "the victim's upload by " + method + " of nobody",
                    raw(
                            "POST",
                            "/files/" + scene.victimsJob(),
                            "",
                            TUS,
                            "Content-Length: 0",
                            "X-HTTP-Method-Override: " + method),
                    "unauthenticated");
            gateway(
                    "another path by " + method,
                    raw(
                            "GET",
                            "/jobs/" + scene.victimsJob(),
                            "",
                            bearer(),
                            "X-HTTP-Method-Override: " + method),
                    "not-found");
        }
        for (String version : List.of("0.2.2", "1.0.0, 1.0.1", "\u00fc", "1.0.0".repeat(500))) {
            gateway(
                    "version " + cut(version),
                    raw("POST", "/files", "", bearer(), "Tus-Resumable: " + version),
                    "unsupported-tus-version malformed-request");
        }
    }

    private void paths() {
        for (String id :
                List.of(
                        "x",
                        "000000000000000000000000",
                        "%00",
                        "..%2fjobs",
                        "%2e%2e",
                        "{\"$ne\":1}".replace("{", "%7b").replace("}", "%7d").replace("\"", "%22"),
                        scene.victimsJob(),
                        scene.victimsJob() + "-1",
                        scene.victimsJob().toUpperCase(java.util.Locale.ROOT),
                        scene.victimsJob() + ";x=1",
                        "a/b",
                        "a".repeat(2000))) {
            for (String method : List.of("PATCH", "DELETE")) {
                gateway(
                        method + " upload " + cut(id),
                        raw(
                                method,
                                "/files/" + id,
                                "",
                                bearer(),
                                TUS,
                                PART,
                                "Content-Length: 0",
                                "Upload-Offset: 0"),
                        "not-found malformed-request method-not-allowed"
                                + " unsupported-tus-version");
            }
        }
    }

    private void text() {
        for (String checksum :
                List.of(
                        "md5 YQ==",
                        "sha1",
                        "sha1 ***",
                        "sha1 YQ==",
                        "SHA-1 YQ==",
                        "x".repeat(4000)))
            withBytes(
                    "checksum " + cut(checksum),
                    "malformed-request",
                    "Upload-Length: " + TEXT.length(),
                    "Upload-Checksum: " + checksum);
        withBytes(
                "another checksum",
                "checksum-mismatch",
                "Upload-Length: 4000",
                "Upload-Checksum: sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        withBytes("text", "not-media", "Upload-Length: " + TEXT.length());
        withBytes("longer than it says", "too-large", "Upload-Length: 3");
    }

    private void withBytes(String name, String answers, String... headers) {
        gateway(
                "resumable with bytes: " + name,
                raw(
                        "POST",
                        "/files",
                        TEXT,
                        with(headers, bearer(), TUS, PART, "Content-Length: " + TEXT.length())),
                answers);
    }

    private void create(String name, String answers, String... headers) {
        gateway(
                "resumable: " + name,
                raw("POST", "/files", "", with(headers, bearer(), TUS, "Content-Length: 0")),
                answers);
    }

    private void patch(String name, String id, String answers, String... headers) {
        gateway(
                "resumable: " + name,
                raw(
                        "PATCH",
                        "/files/" + id,
                        "",
                        with(headers, bearer(), TUS, PART, "Content-Length: 0")),
                answers);
    }

    private static String[] with(String[] headers, String... more) {
        List<String> all = new ArrayList<>(Arrays.asList(headers));
        all.addAll(Arrays.asList(more));
        return all.toArray(String[]::new);
    }
}
