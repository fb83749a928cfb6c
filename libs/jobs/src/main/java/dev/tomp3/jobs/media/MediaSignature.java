package dev.tomp3.jobs.media;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;

/** What the first bytes of a media format look like. */
interface MediaSignature {
    /** The boxes that an ISO or QuickTime file may begin with. */
    Set<String> FIRST_BOXES =
            Set.of("ftyp", "moov", "mdat", "moof", "styp", "sidx", "free", "skip", "wide", "pnot");

    boolean matches(byte[] head);

    static MediaSignature anyOf(MediaSignature... signatures) {
        return head -> Arrays.stream(signatures).anyMatch(signature -> signature.matches(head));
    }

    static MediaSignature startsWith(int... bytes) {
        return head -> {
            if (head.length < bytes.length) return false;
            for (int i = 0; i < bytes.length; i++) {
                if ((head[i] & 0xff) != bytes[i]) return false;
            }
            return true;
        };
    }

    static MediaSignature riff(String form, String kind) {
        return head ->
                head.length >= 12
                        && ascii(head, 0, 4).equals(form)
                        && ascii(head, 8, 4).equals(kind);
    }

    static MediaSignature isoBox() {
        return head -> head.length >= 8 && FIRST_BOXES.contains(ascii(head, 4, 4));
    }

    /**
     * Packets of 188 bytes, or of 192 with a time stamp before each; every one has its sync byte.
     */
    static MediaSignature transportStream() {
        return head -> packets(head, 0, 188) || packets(head, 4, 192);
    }

    private static boolean packets(byte[] head, int first, int length) {
        if (head.length <= first) return false;
        for (int at = first; at < head.length; at += length) {
            if (head[at] != 0x47) return false;
        }
        return head.length >= 188;
    }

    static MediaSignature adtsFrame() {
        return head -> frameSync(head) && (head[1] & 0xf6) == 0xf0;
    }

    /** A frame header of MPEG audio, Layer III. */
    static MediaSignature layer3Frame() {
        return head ->
                frameSync(head)
                        && (head[1] & 0xe6) == 0xe2
                        && (head[1] & 0x18) != 0x08 // reserved version
                        && (head[2] & 0xf0) != 0xf0 // no such bit rate
                        && (head[2] & 0x0c) != 0x0c; // no such sample rate
    }

    private static boolean frameSync(byte[] head) {
        return head.length >= 4 && (head[0] & 0xff) == 0xff;
    }

    /** Whether an ISO file describes its tracks before their media, in the bytes that are here. */
    static boolean moviePrecedesMedia(byte[] head) {
        int at = 0;
        while (at + 8 <= head.length) {
            String type = ascii(head, at + 4, 4);
            if (type.equals("moov") || type.equals("moof")) return true;
            int size = ByteBuffer.wrap(head).getInt(at);
            if (type.equals("mdat") || size < 8 || size > head.length - at) return false;
            at += size;
        }
        return false;
    }

    private static String ascii(byte[] head, int from, int length) {
        return new String(head, from, length, StandardCharsets.ISO_8859_1);
    }
}
