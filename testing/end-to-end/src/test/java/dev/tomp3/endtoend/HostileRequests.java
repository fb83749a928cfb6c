package dev.tomp3.endtoend;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Requests that no well-behaved client sends, each with its correct answers. They are made from
 * tables and a fixed seed, so that they are the same each time.
 */
abstract class HostileRequests {
    /** The connection is closed without an answer. */
    static final String NOTHING = "nothing";

    static final String BOUNDARY = "----tomp3-hostile";
    static final String FORM = "multipart/form-data; boundary=" + BOUNDARY;
    static final String FILE =
            "Content-Disposition: form-data; name=\"file\"; filename=\"video.mp4\"";

    static final String FORM_REFUSED =
            "malformed-request not-one-file not-media invalid-options option-after-file"
                    + " unsupported-type";

    /** No media, so that no upload of it becomes a job. */
    static final String TEXT = "This is text, and was never anything else.";

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

    /** The services under attack, and what the attacker knows. */
    record Scene(
            URI gateway,
            URI auth,
            String token,
            String adminToken,
            String email,
            String victimsJob,
            String victimsKey,
            Forgery forgery) {}

    final Scene scene;
    private final Random random = new Random(20_261_122);
    private final List<Hostile> all = new ArrayList<>();

    HostileRequests(Scene scene) {
        this.scene = scene;
    }

    static List<Hostile> of(Scene scene) {
        return Stream.of(
                        new HostileUploads(scene),
                        new HostileResumableUploads(scene),
                        new HostileFraming(scene),
                        new HostileTargets(scene),
                        new HostileJson(scene),
                        new HostileCredentials(scene),
                        new HostileDownloads(scene),
                        new HostileConnections(scene))
                .flatMap(requests -> requests.all().stream())
                .toList();
    }

    private List<Hostile> all() {
        make();
        return all;
    }

    /** Adds all requests of one kind. */
    abstract void make();

    final Random random() {
        return random;
    }

    final void add(String name, URI service, byte[] bytes, String answers) {
        all.add(new Hostile(name, service, bytes, Set.of(answers.split(" "))));
    }

    final void gateway(String name, byte[] bytes, String answers) {
        add(name, scene.gateway(), bytes, answers);
    }

    /** To auth itself, too, as the gateway passes on what is auth's. */
    final void both(String name, byte[] bytes, String answers) {
        gateway(name, bytes, answers);
        add(name, scene.auth(), bytes, answers);
    }

    final void upload(String name, String type, String body) {
        upload(name, type, body, FORM_REFUSED);
    }

    final void upload(String name, String type, String body, String answers) {
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

    static byte[] json(String method, String path, String body, String... headers) {
        String[] all = Arrays.copyOf(headers, headers.length + 2);
        all[headers.length] = "Content-Type: application/json";
        all[headers.length + 1] = "Content-Length: " + bytes(body).length;
        return raw(method, path, body, all);
    }

    final String admin() {
        return "Authorization: Bearer " + scene.adminToken();
    }

    final String bearer() {
        return "Authorization: Bearer " + scene.token();
    }

    static byte[] raw(String method, String target, String body, String... headers) {
        return raw(method, target, bytes(body), headers);
    }

    static byte[] raw(String method, String target, byte[] body, String... headers) {
        StringBuilder head = new StringBuilder();
        head.append(method).append(' ').append(target).append(" HTTP/1.1\r\nHost: localhost\r\n");
        for (String header : headers) head.append(header).append("\r\n");
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(bytes(head.append("Connection: close\r\n\r\n").toString()));
        request.writeBytes(body);
        return request.toByteArray();
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    final byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    static String part(String head, String content) {
        return "--" + BOUNDARY + "\r\n" + head + "\r\n\r\n" + content + "\r\n";
    }

    static String option(String name, String value) {
        return part("Content-Disposition: form-data; name=\"" + name + "\"", value);
    }

    static String many(int number, String name) {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < number; i++) all.append(option(name.formatted(i), "1"));
        return all.toString();
    }

    /** What begins like an MP4: it is taken for one, and stored, until the form turns out wrong. */
    static String media() {
        return part(FILE, "\0\0\0\30ftypisom" + "rubbish ".repeat(600));
    }

    static String end() {
        return "--" + BOUNDARY + "--\r\n";
    }

    static String chunk(String text) {
        return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }

    static String credentials(String email, String password) {
        return User.JSON.writeValueAsString(Map.of("email", email, "password", password));
    }

    static String basic(String text) {
        return Base64.getEncoder().encodeToString(bytes(text));
    }

    static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    static String cut(String text) {
        String line = text.replaceAll("[^ -~]+", "~");
        return line.length() <= 60 ? line : line.substring(0, 57) + "...";
    }
}
