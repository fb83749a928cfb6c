package dev.tomp3.endtoend;

import java.util.Arrays;
import java.util.List;

/** Several requests on one connection, other protocols, halves of requests, and changed bytes. */
final class HostileConnections extends HostileRequests {
    HostileConnections(Scene scene) {
        super(scene);
    }

    @Override
    void make() {
        several();
        otherProtocols();
        halves();
        noise();
    }

    private void several() {
        String second = "GET /jobs HTTP/1.1\r\nHost: localhost\r\n" + bearer() + "\r\n\r\n";
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
                    bytes("POST /register HTTP/1.1\r\nHost: localhost\r\n" + first + second),
                    "malformed-request");
        }
        both(
                "another after an upgrade",
                bytes(
                        "GET /health/live HTTP/1.1\r\n"
                                + "Host: localhost\r\n"
                                + "Upgrade: websocket\r\n"
                                + "Connection: Upgrade\r\n"
                                + "Sec-WebSocket-Version: 777\r\n\r\n"
                                + second),
                "200 unauthenticated not-found");
        both(
                "a hundred at once",
                bytes("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100)),
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

    /** Good requests with a few bytes of them changed at random(). */
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
        for (int i = 0; i < 3; i++)
            copy[random().nextInt(copy.length)] = (byte) random().nextInt(256);
        return copy;
    }
}
