package dev.tomp3.endtoend;

import java.util.List;

/** Ranges and conditions of downloads that are wrong. */
final class HostileDownloads extends HostileRequests {
    HostileDownloads(Scene scene) {
        super(scene);
    }

    @Override
    void make() {
        ranges();
        conditions();
        links();
    }

    private void links() {
        String job = scene.victimsJob();
        String signature = "A".repeat(43);
        for (String query :
                List.of(
                        "",
                        "?e=99999999999&k=attachment&s=" + signature,
                        "?e=99999999999&k=inline&s=",
                        "?e=99999999999999999999999&k=attachment&s=" + signature,
                        "?e=-1&k=attachment&s=" + signature,
                        "?e=1&k=attachment&s=" + signature,
                        "?e=1e9&k=x&s=" + "A".repeat(5000),
                        "?e[$gt]=0&k[$gt]=&s[$gt]=",
                        "?e=1&e=2&k=inline&k=attachment&s=a&s=b",
                        "?e=%D9%A1&k=attachment&s=%00",
                        "?s=${7*7}")) {
            for (String path : List.of("/d/" + job, "/d/x", "/archives/" + job, "/archives/x"))
                gateway(
                        "link " + path + cut(query),
                        raw("GET", path + query, "", bearer()),
                        "bad-link malformed-request");
        }
        gateway(
                "a link to the victim's MP3",
                json("POST", "/jobs/" + job + "/links", "{}", bearer()),
                "not-found");
        for (String jobs : List.of("\"" + job + "\"", "\"x\"", "\"\"", "\"%00\"", "null"))
            gateway(
                    "an archive of " + jobs,
                    json("POST", "/archives", "{\"jobs\":[" + jobs + "]}", bearer()),
                    "not-found");
        for (String body :
                List.of(
                        "{}",
                        "{\"jobs\":{\"$ne\":null}}",
                        "{\"jobs\":[{\"$ne\":null}]}",
                        "{\"jobs\":[[]]}",
                        "[".repeat(3000)))
            gateway(
                    "an archive of " + cut(body),
                    json("POST", "/archives", body, bearer()),
                    "malformed-request");
    }

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
}
