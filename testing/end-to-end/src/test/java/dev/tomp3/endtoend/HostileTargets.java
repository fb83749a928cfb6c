package dev.tomp3.endtoend;

import java.util.List;
import java.util.Locale;

/** Request lines, paths, methods and content types that no operation has. */
final class HostileTargets extends HostileRequests {
    HostileTargets(Scene scene) {
        super(scene);
    }

    @Override
    void make() {
        requestLines();
        paths();
        methods();
        types();
    }

    private void requestLines() {
        String host = "\r\nHost: localhost\r\nConnection: close\r\n\r\n";
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
                    "200 malformed-request unauthenticated not-found method-not-allowed"
                            + " misdirected");
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
                    "200 malformed-request unauthenticated not-found method-not-allowed"
                            + " misdirected");
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
}
