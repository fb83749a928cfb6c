package dev.tomp3.converter.tags;

import dev.tomp3.converter.source.Source;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.BiConsumer;

/** Reads an APEv2 tag at the end of an MP3, before an ID3v1 tag if there is one. */
final class ApeTag {
    private static final byte[] MAGIC = "APETAGEX".getBytes(StandardCharsets.ISO_8859_1);
    private static final int FOOTER = 32;
    private static final int ID3V1 = 128;
    private static final int MAX_TAG = 4 << 20;

    private ApeTag() {}

    /** Passes on the text items; what is malformed ends the tag. */
    static void read(Source source, BiConsumer<String, byte[]> sink) throws IOException {
        for (int behind : new int[] {0, ID3V1}) {
            long at = source.bytes() - behind - FOOTER;
            if (at < 0) return;
            byte[] footer = bytes(source, at, FOOTER);
            if (!Arrays.equals(footer, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) continue;
            int size = little(footer).getInt(12) - FOOTER; // of the items
            if (size > 0 && size <= Math.min(at, MAX_TAG))
                items(bytes(source, at - size, size), sink);
            return;
        }
    }

    private static byte[] bytes(Source source, long at, int length) throws IOException {
        try (InputStream in = source.open(at)) {
            return Arrays.copyOf(in.readNBytes(length), length);
        }
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void items(byte[] tag, BiConsumer<String, byte[]> sink) {
        ByteBuffer items = little(tag);
        while (items.remaining() > 8) {
            int length = items.getInt();
            boolean text = (items.getInt() & 6) == 0;
            int begin = items.position();
            int end = begin;
            while (end < tag.length && tag[end] != 0) end++;
            String name = new String(tag, begin, end - begin, StandardCharsets.ISO_8859_1);
            if (length < 0 || length >= tag.length - end) return;
            byte[] value = Arrays.copyOfRange(tag, end + 1, end + 1 + length);
            items.position(end + 1 + length);
            // several values are separated by zeros
            for (int i = 0; i < length; i++) if (value[i] == 0) value[i] = '/';
            if (text) sink.accept(name, value);
        }
    }
}
