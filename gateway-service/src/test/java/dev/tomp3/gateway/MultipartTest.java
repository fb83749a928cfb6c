package dev.tomp3.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MultipartTest {
    /** Returns a few bytes at a time, as a connection may. */
    private static final class Trickle extends ByteArrayInputStream {
        private final Random sizes;
        private final int most;

        Trickle(byte[] bytes, long seed, int most) {
            super(bytes);
            this.sizes = new Random(seed);
            this.most = most;
        }

        @Override
        public synchronized int read(byte[] bytes, int offset, int length) {
            return super.read(bytes, offset, Math.min(length, 1 + sizes.nextInt(most)));
        }
    }

    private static Multipart multipart(InputStream in, String boundary) throws IOException {
        return new Multipart(in, "multipart/form-data; boundary=\"" + boundary + "\"", 1 << 30);
    }

    private static byte[] part(String boundary, String head, byte[] body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(ascii("--" + boundary + "\r\n" + head + "\r\n\r\n"));
        out.writeBytes(body);
        out.writeBytes(ascii("\r\n"));
        return out.toByteArray();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] join(byte[]... pieces) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] piece : pieces) out.writeBytes(piece);
        return out.toByteArray();
    }

    /** Made of the bytes of boundaries, so that much looks like a delimiter. */
    private static byte[] likeBoundaries(Random random, String boundary) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = random.nextInt(200); i > 0; i--) {
            byte[] delimiter = ascii("\r\n--" + boundary);
            int from = random.nextInt(delimiter.length);
            out.write(delimiter, from, random.nextInt(delimiter.length - from));
            if (random.nextInt(3) == 0) out.write(random.nextInt(256));
        }
        String body = out.toString(StandardCharsets.ISO_8859_1);
        while (body.contains("\r\n--" + boundary)) body = body.replace("\r\n--" + boundary, "");
        return ascii(body);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"x", "--", "aabaab", "------------------------6bd8a6cd53f29fa0", "-\r-"})
    void returns_every_byte_of_every_part_however_they_arrive(String boundary) throws IOException {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            List<byte[]> bodies = new ArrayList<>();
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            for (int i = 0; i < 3; i++) {
                bodies.add(likeBoundaries(random, boundary));
                whole.writeBytes(
                        part(
                                boundary,
                                "Content-Disposition: form-data; name=n; filename=" + i,
                                bodies.get(i)));
            }
            whole.writeBytes(ascii("--" + boundary + "--"));
            Multipart parts =
                    multipart(
                            new Trickle(whole.toByteArray(), seed, 1 + random.nextInt(300)),
                            boundary);
            for (byte[] body : bodies) {
                Multipart.Part part = parts.next();
                assertThat(part).isNotNull();
                if (random.nextInt(4) == 0) continue; // skipped
                assertThat(part.body().readAllBytes()).as("seed %d", seed).isEqualTo(body);
                assertThat(part.body().read()).isEqualTo(-1);
            }
            assertThat(parts.next()).isNull();
        }
    }

    @Test
    void returns_a_part_larger_than_its_buffer() throws IOException {
        byte[] body = new byte[1_000_000];
        new Random(1).nextBytes(body);
        byte[] whole =
                join(
                        ascii("what a mail program would say before\r\n"),
                        part(
                                "b",
                                "content-disposition: form-data; name=\"f\"; filename=\"v\"",
                                body),
                        ascii("--b--\r\n"));
        Multipart.Part part = multipart(new Trickle(whole, 1, 100_000), "b").next();
        assertThat(part.name()).isEqualTo("f");
        assertThat(part.file()).isEqualTo("v");
        assertThat(part.body().readAllBytes()).isEqualTo(body);
    }

    @Test
    void tells_fields_from_files_and_skips_parts_without_a_name() throws IOException {
        byte[] whole =
                join(
                        part("b", "Content-Type: text/plain", ascii("nameless")),
                        ascii("--b\r\n\r\nheadless\r\n"),
                        part("b", "Content-Disposition: form-data; name=mono", ascii("true")),
                        part("b", "Content-Disposition: form-data; name=f; filename=", ascii("v")),
                        ascii("--b--"));
        Multipart parts = multipart(new Trickle(whole, 2, 7), "b");
        Multipart.Part field = parts.next();
        assertThat(field.file()).isNull();
        assertThat(field.body().readAllBytes()).isEqualTo(ascii("true"));
        assertThat(parts.next().file()).isEmpty();
        assertThat(parts.next()).isNull();
    }

    @Test
    void does_not_take_a_truncated_body_for_a_complete_one() throws IOException {
        byte[] whole =
                join(
                        part(
                                "bo",
                                "Content-Disposition: form-data; name=f; filename=v",
                                new byte[99]),
                        ascii("--bo--"));
        for (int length = 6; length < whole.length; length++) {
            Multipart parts =
                    multipart(new ByteArrayInputStream(Arrays.copyOf(whole, length)), "bo");
            assertThatThrownBy(
                            () -> {
                                for (var part = parts.next(); part != null; part = parts.next())
                                    part.body().readAllBytes();
                            })
                    .as("%d bytes", length)
                    .isInstanceOf(EOFException.class);
        }
        assertThat(multipart(InputStream.nullInputStream(), "bo").next()).isNull();
    }

    @Test
    void limits_heads_and_bodies_that_do_not_end() throws IOException {
        byte[] head = part("b", "X: " + "x".repeat(70_000), new byte[0]);
        assertThatThrownBy(() -> multipart(new ByteArrayInputStream(head), "b").next())
                .hasMessageContaining("too long");
        byte[] nameless = part("b", "X: x", new byte[1000]);
        var parts = new Multipart(new ByteArrayInputStream(nameless), "a/b; boundary=b", 500);
        assertThatThrownBy(parts::next).hasMessageContaining("too long");
        byte[] more = ascii("--b and more\r\n\r\n\r\n--b--");
        assertThatThrownBy(() -> multipart(new ByteArrayInputStream(more), "b").next())
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(EOFException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "; boundary=", "; boundary=\"\""})
    void needs_a_boundary(String parameter) {
        String type = "multipart/form-data" + parameter;
        assertThatThrownBy(() -> new Multipart(InputStream.nullInputStream(), type, 10))
                .isInstanceOf(IOException.class);
        String endless = "multipart/form-data; boundary=" + "b".repeat(300);
        assertThatThrownBy(() -> new Multipart(InputStream.nullInputStream(), endless, 10))
                .isInstanceOf(IOException.class);
    }
}
