package dev.tomp3.jobs.media;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;

/** What the first bytes of a kind of file look like. */
interface Signature {
    boolean matches(byte[] head);

    static Signature anyOf(Signature... signatures) {
        return head -> Arrays.stream(signatures).anyMatch(signature -> signature.matches(head));
    }

    /** Begins with one of these sequences of bytes, in hexadecimal digits. */
    static Signature bytes(String... hex) {
        return anyOf(
                Arrays.stream(hex)
                        .map(HexFormat.of()::parseHex)
                        .map(wanted -> (Signature) head -> has(head, 0, wanted))
                        .toArray(Signature[]::new));
    }

    /** Begins with one of these words, in any case of their letters. */
    static Signature words(String... words) {
        return head ->
                Arrays.stream(words)
                        .anyMatch(word -> ascii(head, 0, word.length()).equalsIgnoreCase(word));
    }

    static Signature at(int offset, String... words) {
        return head ->
                Arrays.stream(words)
                        .anyMatch(word -> ascii(head, offset, word.length()).equals(word));
    }

    /** A RIFF file, or one of its 64-bit forms. */
    static Signature riff(String... kinds) {
        Set<String> all = Set.of(kinds);
        return head ->
                Set.of("RIFF", "RF64", "BW64").contains(ascii(head, 0, 4))
                        && all.contains(ascii(head, 8, 4));
    }

    /** An ISO file of one of these major brands. */
    static Signature brand(String... brands) {
        Set<String> all = Set.of(brands);
        return head -> ascii(head, 4, 4).equals("ftyp") && all.contains(ascii(head, 8, 4));
    }

    /**
     * Packets of 188 bytes, or of 192 with a time stamp before each; every one has its sync byte.
     */
    static Signature transportStream() {
        return head -> packets(head, 0, 188) || packets(head, 4, 192);
    }

    private static boolean packets(byte[] head, int first, int length) {
        int end = Math.min(head.length, 1024);
        for (int at = first; at < end; at += length) {
            if (head[at] != 0x47) return false;
        }
        return end >= 188;
    }

    static Signature adtsFrame() {
        return head -> frameSync(head) && (head[1] & 0xf6) == 0xf0;
    }

    /** A frame header of MPEG audio, Layer III. */
    static Signature layer3Frame() {
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

    /** An ISO file that describes its tracks before their media, in the bytes that are here. */
    static Signature moviePrecedesMedia() {
        return head -> {
            int at = 0;
            while (at + 8 <= head.length) {
                String type = ascii(head, at + 4, 4);
                if (type.equals("moov") || type.equals("moof")) return true;
                int size = ByteBuffer.wrap(head).getInt(at);
                if (type.equals("mdat") || size < 8 || size > head.length - at) return false;
                at += size;
            }
            return false;
        };
    }

    private static boolean has(byte[] head, int offset, byte[] wanted) {
        return head.length >= offset + wanted.length
                && Arrays.equals(head, offset, offset + wanted.length, wanted, 0, wanted.length);
    }

    /** These bytes as text; shorter where the head ends. */
    static String ascii(byte[] head, int from, int length) {
        if (from >= head.length) return "";
        int end = Math.min(head.length, from + length);
        return new String(head, from, end - from, StandardCharsets.ISO_8859_1);
    }
}
