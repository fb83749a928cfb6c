package dev.tomp3.gateway;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** A multipart body that can also be malformed. */
final class Form {
    static final String BOUNDARY = "----------tomp3boundary";
    static final String TYPE = "multipart/form-data; boundary=" + BOUNDARY;

    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    Form field(String name, String value) {
        return part("form-data; name=\"" + name + "\"", value.getBytes(StandardCharsets.UTF_8));
    }

    Form file(String name, byte[] content) {
        return part("form-data; name=\"file\"; filename=\"" + name + "\"", content);
    }

    Form part(String disposition, byte[] content) {
        body.writeBytes(fileHead(disposition));
        body.writeBytes(content);
        body.writeBytes(ascii("\r\n"));
        return this;
    }

    byte[] unfinished() {
        return body.toByteArray();
    }

    byte[] bytes() {
        body.writeBytes(end());
        return body.toByteArray();
    }

    HttpRequest.BodyPublisher publisher() {
        return HttpRequest.BodyPublishers.ofByteArray(bytes());
    }

    static byte[] fileHead(String disposition) {
        return ("--" + BOUNDARY + "\r\nContent-Disposition: " + disposition + "\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    static byte[] end() {
        return ascii("--" + BOUNDARY + "--\r\n");
    }

    /** Random bytes after the beginning of an MP4. */
    static byte[] video(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        byte[] head = "\0\0\0\030ftypmp42".getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(head, 0, bytes, 0, Math.min(head.length, length));
        return bytes;
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
