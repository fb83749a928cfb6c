package dev.tomp3.converter;

import dev.tomp3.contract.media.MediaStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A video in the media store, of which the length in bytes is known. */
record Source(MediaStore store, MediaStore.Bucket bucket, String id, long bytes) {
    private static final int RIFF_HEADER = 8;
    private static final long UNKNOWN = 0xFFFF_FFFFL;

    /**
     * How long a WAV or AVI file should be by its own header; 0 for all others and when it does not
     * know.
     */
    long declaredBytes() throws IOException {
        byte[] head;
        try (InputStream in = store.open(bucket, id, 0)) {
            head = in.readNBytes(RIFF_HEADER);
        }
        if (!new String(head, StandardCharsets.ISO_8859_1).startsWith("RIFF")
                || head.length < RIFF_HEADER) return 0;
        long size =
                Integer.toUnsignedLong(
                        ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getInt(4));
        return size == UNKNOWN ? 0 : RIFF_HEADER + size;
    }
}
