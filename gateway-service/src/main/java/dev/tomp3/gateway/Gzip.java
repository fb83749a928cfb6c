package dev.tomp3.gateway;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** Compresses small documents for the clients that take it. */
final class Gzip {
    /** With "gzip;q=0" a client refuses it. */
    private static final Pattern ACCEPTED =
            Pattern.compile(
                    "(^|[,\\s])gzip\\s*(?!\\s*;\\s*q=0(\\.0*)?\\s*(,|$))(;|,|\\s|$)",
                    Pattern.CASE_INSENSITIVE);

    private Gzip() {}

    /**
     * @param encodings the value of the header Accept-Encoding
     */
    static boolean isAccepted(@Nullable String encodings) {
        return encodings != null && ACCEPTED.matcher(encodings).find();
    }

    static byte[] compress(byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
