package dev.tomp3.converter.conversion;

import dev.tomp3.converter.source.Source;
import dev.tomp3.jobs.media.MediaFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the declaration that the audio of an MP4 or Matroska file is encrypted. ffmpeg passes
 * encrypted audio on to the decoder without a word. A hostile file costs a bounded amount of
 * reading and memory, regardless of the sizes it declares.
 */
final class Encryption {
    private static final int MAX_MOVIE = 8 << 20;
    private static final int MAX_MATROSKA_HEAD = 1 << 20;
    private static final int MAX_TOP_LEVEL_BOXES = 100;
    private static final int MAX_BOXES = 100_000;
    private static final int MAX_DEPTH = 10;

    private static final int BOX = 8;
    private static final int MOOV = 0x6d6f6f76;

    /** moov, trak, mdia, minf, stbl. */
    private static final Set<Integer> BOXES_OF_BOXES =
            Set.of(MOOV, 0x7472616b, 0x6d646961, 0x6d696e66, 0x7374626c);

    private static final int STSD = 0x73747364;
    private static final int STSD_HEAD = 8;

    /** enca: ISO 23001-7 and its relatives; drms: FairPlay; aavd: Audible. */
    private static final Set<Integer> ENCRYPTED_ENTRIES =
            Set.of(0x656e6361, 0x64726d73, 0x61617664);

    /** Segment, Tracks, ContentEncodings, ContentEncoding. */
    private static final Set<Long> ELEMENTS_OF_ELEMENTS =
            Set.of(0x18538067L, 0x1654AE6BL, 0x6D80L, 0x6240L);

    private static final long TRACK_ENTRY = 0xAE;
    private static final long TRACK_TYPE = 0x83;
    private static final int AUDIO = 2;
    private static final long CONTENT_ENCRYPTION = 0x5035;

    private int budget = MAX_BOXES;
    private int depth;
    private boolean audio;
    private boolean encrypted;

    private Encryption() {}

    static boolean isDeclared(Source source, @Nullable MediaFormat format) throws IOException {
        return switch (format) {
            case MP4 -> new Encryption().inBoxes(movie(source));
            case MATROSKA -> new Encryption().inElements(read(source, 0, MAX_MATROSKA_HEAD));
            case null, default -> false;
        };
    }

    /** The contents of the moov box, or as much of it as is read. */
    private static ByteBuffer movie(Source source) throws IOException {
        long at = 0;
        for (int i = 0; i < MAX_TOP_LEVEL_BOXES && at + BOX <= source.bytes(); i++) {
            ByteBuffer box = read(source, at, 2 * BOX);
            if (box.remaining() < BOX) break;
            long size = Integer.toUnsignedLong(box.getInt(0));
            boolean large = size == 1 && box.remaining() == 2 * BOX;
            if (large) size = box.getLong(BOX);
            if (box.getInt(4) == MOOV) return read(source, at + (large ? 2 * BOX : BOX), MAX_MOVIE);
            if (size < BOX || size > source.bytes() - at) break;
            at += size;
        }
        return ByteBuffer.allocate(0);
    }

    private boolean inBoxes(ByteBuffer boxes) {
        depth++;
        while (depth < MAX_DEPTH && boxes.remaining() >= BOX && budget-- > 0) {
            long size = Integer.toUnsignedLong(boxes.getInt(boxes.position()));
            int type = boxes.getInt(boxes.position() + 4);
            if (size < BOX) break;
            ByteBuffer box = next(boxes, BOX, size - BOX);
            if (ENCRYPTED_ENTRIES.contains(type)) return true;
            if (BOXES_OF_BOXES.contains(type) && inBoxes(box)) return true;
            if (type == STSD
                    && box.remaining() > STSD_HEAD
                    && inBoxes(next(box, STSD_HEAD, box.remaining()))) return true;
        }
        depth--;
        return false;
    }

    private boolean inElements(ByteBuffer elements) {
        depth++;
        while (depth < MAX_DEPTH && elements.hasRemaining() && budget-- > 0) {
            long id = number(elements, false);
            long size = number(elements, true);
            if (id < 0 || size < 0) break;
            ByteBuffer element = next(elements, 0, size);
            if (id == TRACK_ENTRY) {
                audio = false;
                encrypted = false;
                inElements(element);
                if (audio && encrypted) return true;
            } else if (id == TRACK_TYPE && element.hasRemaining()) {
                audio = element.get(element.position()) == AUDIO;
            } else if (id == CONTENT_ENCRYPTION) {
                encrypted = true;
            } else if (ELEMENTS_OF_ELEMENTS.contains(id) && inElements(element)) {
                return true;
            }
        }
        depth--;
        return false;
    }

    /** Reads an EBML number of up to eight bytes; -1 when it is malformed. */
    private static long number(ByteBuffer in, boolean withoutMarker) {
        if (!in.hasRemaining()) return -1;
        int first = in.get() & 0xFF;
        int more = Integer.numberOfLeadingZeros(first) - 24;
        if (more > 7 || in.remaining() < more) return -1;
        long value = withoutMarker ? first & (0x7F >> more) : first;
        for (int i = 0; i < more; i++) value = value << 8 | (in.get() & 0xFF);
        return value;
    }

    /** The next bytes of a buffer, as far as it has them, which is then behind them. */
    private static ByteBuffer next(ByteBuffer in, int skipped, long length) {
        int start = Math.min(in.limit(), in.position() + skipped);
        int end = (int) Math.min(in.limit(), start + length);
        ByteBuffer part = in.slice(start, end - start);
        in.position(end);
        return part;
    }

    private static ByteBuffer read(Source source, long offset, int length) throws IOException {
        try (InputStream in = source.open(offset)) {
            return ByteBuffer.wrap(in.readNBytes(length));
        }
    }
}
