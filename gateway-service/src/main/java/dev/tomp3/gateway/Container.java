package dev.tomp3.gateway;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * Tells by a file's first bytes whether it is audio or video of a kind that is accepted. Only a
 * sieve that keeps text, playlists and archives out: whether the file can be read is found out by
 * converting it.
 */
final class Container {
    /** So many bytes are enough to tell. */
    static final int HEAD = 1024;

    /** The boxes an ISO or QuickTime file may begin with. */
    private static final Set<String> BOXES =
            Set.of("ftyp", "moov", "mdat", "moof", "styp", "sidx", "free", "skip", "wide", "pnot");

    private static final int[] ASF = {0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11};

    private Container() {}

    static boolean accepts(byte[] head) {
        return (head.length >= 8 && BOXES.contains(ascii(head, 4, 4)))
                || startsWith(head, 0x1a, 0x45, 0xdf, 0xa3) // Matroska, WebM
                || riff(head)
                || startsWith(head, 'F', 'L', 'V', 1)
                || mpegTs(head)
                || startsWith(head, 0, 0, 1, 0xba) // MPEG-PS
                || startsWith(head, ASF)
                || startsWith(head, 'O', 'g', 'g', 'S')
                || startsWith(head, 'f', 'L', 'a', 'C')
                || startsWith(head, 'I', 'D', '3')
                || mpegAudio(head);
    }

    /**
     * True when whoever gets it from the beginning on can play what has come so far: not an MP4
     * that tells last what is in it, nor one with an index at its end.
     */
    static boolean playsAsItComes(byte[] head) {
        boolean iso = head.length >= 8 && BOXES.contains(ascii(head, 4, 4));
        if (iso) return movieComesFirst(head);
        boolean seeks =
                (head.length >= 12
                                && ascii(head, 0, 4).equals("RIFF")
                                && ascii(head, 8, 4).equals("AVI "))
                        || startsWith(head, 'F', 'L', 'V', 1)
                        || startsWith(head, 0, 0, 1, 0xba)
                        || startsWith(head, ASF);
        return accepts(head) && !seeks;
    }

    private static boolean movieComesFirst(byte[] head) {
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

    private static boolean riff(byte[] head) {
        if (head.length < 12) return false;
        String kind = ascii(head, 8, 4);
        return switch (ascii(head, 0, 4)) {
            case "RIFF" -> kind.equals("AVI ") || kind.equals("WAVE");
            case "RF64" -> kind.equals("WAVE");
            default -> false;
        };
    }

    /**
     * Packets of 188 bytes, or of 192 with a time stamp before each, every one with its sync byte.
     */
    private static boolean mpegTs(byte[] head) {
        return packets(head, 0, 188) || packets(head, 4, 192);
    }

    private static boolean packets(byte[] head, int first, int length) {
        if (head.length <= first) return false;
        for (int at = first; at < head.length; at += length) {
            if (head[at] != 0x47) return false;
        }
        return head.length >= 188;
    }

    /** A frame header of AAC (ADTS) or of MPEG Layer III. */
    private static boolean mpegAudio(byte[] head) {
        if (head.length < 4 || (head[0] & 0xff) != 0xff) return false;
        boolean adts = (head[1] & 0xf6) == 0xf0;
        boolean layer3 =
                (head[1] & 0xe6) == 0xe2
                        && (head[1] & 0x18) != 0x08 // reserved version
                        && (head[2] & 0xf0) != 0xf0 // no such bit rate
                        && (head[2] & 0x0c) != 0x0c; // no such sample rate
        return adts || layer3;
    }

    private static boolean startsWith(byte[] head, int... bytes) {
        if (head.length < bytes.length) return false;
        for (int i = 0; i < bytes.length; i++) {
            if ((head[i] & 0xff) != bytes[i]) return false;
        }
        return true;
    }

    private static String ascii(byte[] head, int from, int length) {
        return new String(head, from, length, StandardCharsets.ISO_8859_1);
    }
}
