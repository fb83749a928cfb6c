package dev.tomp3.converter.tags;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A picture that tells nothing but what it shows: neither the camera and the place, nor what is
 * behind its end, where telephones put further pictures. Its dots are not encoded again.
 */
final class CoverPicture {
    private static final String PNG = "\u0089PNG\r\n\u001a\n";
    private static final int CHUNK = 12;

    /** Chunks that a picture can be shown without, but not as it is meant. */
    private static final Set<String> LOOK =
            Set.of("bKGD", "cHRM", "gAMA", "iCCP", "pHYs", "sBIT", "sRGB", "tRNS");

    private static final String JPEG = "\u00ff\u00d8";
    private static final int APPLICATION = 0xE0;
    private static final int COMMENT = 0xFE;
    private static final int SCAN = 0xDA;
    private static final int RESTART = 0xD0;
    private static final int END = 0xD9;

    /** The segments of applications that say how the picture is to be shown. */
    private static final Map<Integer, String> APPLICATIONS =
            Map.of(0xE0, "JFIF\0", 0xE2, "ICC_PROFILE\0", 0xEE, "Adobe");

    private CoverPicture() {}

    /** The picture in a file; null for what not every player shows, and for what is malformed. */
    static byte @Nullable [] of(byte[] file) {
        if (begins(file, 0, PNG)) return png(file);
        return begins(file, 0, JPEG) ? jpeg(file) : null;
    }

    /** By its content, regardless of what the source calls it. */
    static String type(byte[] picture) {
        return begins(picture, 0, PNG) ? "image/png" : "image/jpeg";
    }

    private static boolean begins(byte[] file, int at, String magic) {
        return file.length - at >= magic.length()
                && new String(file, at, magic.length(), ISO_8859_1).equals(magic);
    }

    private static byte @Nullable [] png(byte[] file) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(file, 0, PNG.length());
        for (int at = PNG.length(); file.length - at >= CHUNK; ) {
            int length = ByteBuffer.wrap(file).getInt(at);
            if (length < 0 || length > file.length - at - CHUNK) return null;
            String type = new String(file, at + 4, 4, ISO_8859_1);
            boolean critical = Character.isUpperCase(type.charAt(0));
            if (critical || LOOK.contains(type)) out.write(file, at, CHUNK + length);
            if (type.equals("IEND")) return out.toByteArray();
            at += CHUNK + length;
        }
        return null;
    }

    private static byte @Nullable [] jpeg(byte[] file) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(file, 0, JPEG.length());
        int at = JPEG.length();
        int marker = 0;
        while (at < file.length || marker == SCAN) {
            while (marker(file, at) == 0xFF) at++; // fill bytes
            marker = marker(file, at);
            if (marker == END || at >= file.length) {
                out.write(0xFF);
                out.write(END);
                return out.toByteArray();
            }
            if (marker < 0 || file.length - at < 4) return null;
            int next = at + 2 + ByteBuffer.wrap(file).getChar(at + 2);
            if (next < at + 4 || next > file.length) return null;
            if (marker == SCAN) while (next < file.length && !endsScan(marker(file, next))) next++;
            if (isShown(file, at, marker)) out.write(file, at, next - at);
            at = next;
        }
        return null;
    }

    /** The marker there; -1 when there is none. */
    private static int marker(byte[] file, int at) {
        return at + 1 < file.length && file[at] == (byte) 0xFF ? file[at + 1] & 0xFF : -1;
    }

    private static boolean endsScan(int marker) {
        return marker > 0 && (marker < RESTART || marker >= RESTART + 8);
    }

    private static boolean isShown(byte[] file, int at, int marker) {
        if (marker == COMMENT) return false;
        String name = APPLICATIONS.get(marker);
        return marker >>> 4 != APPLICATION >>> 4 || (name != null && begins(file, at + 4, name));
    }
}
