package dev.tomp3.converter.conversion;

import dev.tomp3.converter.ffmpeg.FfmpegReport;
import dev.tomp3.converter.ffmpeg.Probe;
import dev.tomp3.converter.source.Source;
import dev.tomp3.jobs.media.MediaFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What a file's own bytes say that ffmpeg does not: where it should end, and why it cannot be
 * decoded.
 *
 * @param declaredShare the declared size divided by the actual one: more than 1 for a RIFF or ASF
 *     file that is truncated, 1 for all others
 * @param withinPart whether it is Ogg or FLV and its last page or tag is incomplete
 * @param encrypted whether its audio is declared to be encrypted; looked up only for a file of
 *     which something could not be decoded
 * @param unsupported the name of a kind of audio that few decoders know; looked up likewise; null
 *     when it is none
 */
record SourceEnd(
        double declaredShare, boolean withinPart, boolean encrypted, @Nullable String unsupported) {
    /**
     * Reads what matters for a file of which ffmpeg has printed this; a small part of the source.
     */
    static SourceEnd read(Source source, FfmpegReport report) throws IOException {
        Reader reader = new Reader(source);
        Probe probe = report.probe();
        if (probe == null) {
            return new SourceEnd(
                    1, reader.endsWithinOggPage(), false, reader.unsupported(MediaFormat.MP3));
        }
        MediaFormat format = probe.format().orElse(null);
        boolean undecodable = report.faults().undecoded() > 0 || report.packetsWritten() <= 0;
        return new SourceEnd(
                Math.max(1, (double) reader.declaredBytes() / source.bytes()),
                switch (format) {
                    case OGG -> reader.endsWithinOggPage();
                    case FLV -> reader.endsWithinFlvTag();
                    case null, default -> false;
                },
                undecodable && (report.faults().drm() || Encryption.isDeclared(source, format)),
                undecodable && format != null ? reader.unsupported(format) : null);
    }

    /** Whether a source is an MP4 whose fragments each declare their own length. */
    static boolean isFragmented(Source source) throws IOException {
        return new Reader(source).isFragmented();
    }

    private static final class Reader {
        /** A writer that does not know the size puts a large number, from here on. */
        private static final long PLACEHOLDER = 2_000_000_000L;

        /**
         * Most put the largest number of 31 or 32 bits, less a page at most, with or without the
         * header's size.
         */
        private static final long PAGE = 4096;

        private static final byte[] ASF_HEADER =
                HexFormat.of().parseHex("3026b2758e66cf11a6d900aa0062ce6c");
        private static final byte[] ASF_DATA =
                HexFormat.of().parseHex("3626b2758e66cf11a6d900aa0062ce6c");
        private static final int ASF_OBJECT = 24;

        private static final int OGG_HEADER = 27;
        private static final int LONGEST_OGG_PAGE = OGG_HEADER + 255 + 255 * 255;

        private static final int FLV_TAG = 11;

        private static final int BOX = 8;
        private static final int LONGEST_FRAGMENTED_MOOV = 1 << 18;

        /** Sync word, version, layer, bit rate and sample rate of a frame's head. */
        private static final int MP3_FORMAT = 0xFFFE_FC00;

        private static final int NO_BIT_RATE_MASK = 0xFFE6_F000;
        private static final int NO_BIT_RATE = 0xFFE2_0000;
        private static final int LONGEST_FREE_FRAME = 4096;

        private final Source source;

        Reader(Source source) {
            this.source = source;
        }

        /** The size by the header; 0 when it declares none. */
        long declaredBytes() throws IOException {
            ByteBuffer head = read(0, 32).order(ByteOrder.LITTLE_ENDIAN);
            if (head.remaining() < 32) return 0;
            String name = name(head, 0);
            if (name.equals("RIFF")) {
                long size = Integer.toUnsignedLong(head.getInt(4));
                return isPlaceholder(size) ? 0 : 8 + size;
            }
            if ((name.equals("RF64") || name.equals("BW64")) && name(head, 12).equals("ds64"))
                return 8 + head.getLong(20);
            if (!startsWith(head, ASF_HEADER)) return 0;
            long data = head.getLong(16);
            if (data < ASF_OBJECT || data > source.bytes() - ASF_OBJECT) return 0;
            ByteBuffer object = read(data, ASF_OBJECT).order(ByteOrder.LITTLE_ENDIAN);
            // a live stream declares less than the size of this header
            return startsWith(object, ASF_DATA) && object.getLong(16) > ASF_OBJECT
                    ? data + object.getLong(16)
                    : 0;
        }

        private boolean isPlaceholder(long size) {
            boolean isLargest = ((size + PAGE) & Integer.MAX_VALUE) < 2 * PAGE;
            return size >= PLACEHOLDER && (isLargest || size > 2 * source.bytes());
        }

        boolean endsWithinOggPage() throws IOException {
            if (!name(read(0, 4), 0).equals("OggS")) return false;
            ByteBuffer end = read(Math.max(0, source.bytes() - LONGEST_OGG_PAGE), LONGEST_OGG_PAGE);
            int page = end.limit() - 4;
            while (page >= 0 && !name(end, page).equals("OggS")) page--;
            if (page < 0) return false; // something else follows the last page
            int segments = page + OGG_HEADER;
            if (segments > end.limit()) return true;
            int count = end.get(segments - 1) & 0xFF;
            if (segments + count > end.limit()) return true;
            int length = segments + count;
            for (int i = 0; i < count; i++) length += end.get(segments + i) & 0xFF;
            return length > end.limit();
        }

        /** A tag is followed by its length with its header. */
        boolean endsWithinFlvTag() throws IOException {
            if (source.bytes() < FLV_TAG) return true;
            int length = read(source.bytes() - 4, 4).getInt(0);
            if (length < FLV_TAG || length > source.bytes() - 4) return true;
            ByteBuffer tag = read(source.bytes() - 4 - length, 4);
            return (tag.getInt(0) & 0xFFFFFF) != length - FLV_TAG;
        }

        boolean isFragmented() throws IOException {
            ByteBuffer head = read(0, LONGEST_FRAGMENTED_MOOV);
            int at = 0;
            while (at >= 0 && at + BOX <= head.limit()) {
                String type = name(head, at + 4);
                if (type.equals("moof") || type.equals("mvex")) return true;
                at = type.equals("moov") ? at + BOX : after(head, at);
            }
            return false;
        }

        @Nullable String unsupported(MediaFormat format) throws IOException {
            return switch (format) {
                case MP3 -> isFreeFormat() ? "free-format MP3" : null;
                case FLAC -> bitsOfFlac() > 24 ? "FLAC with samples of 32 bits" : null;
                default -> null;
            };
        }

        private int bitsOfFlac() throws IOException {
            ByteBuffer head = read(0, 22);
            return head.remaining() == 22 && name(head, 0).equals("fLaC")
                    ? ((head.getShort(20) >> 4) & 0x1F) + 1
                    : 0;
        }

        /** Whether it begins with three frames at one distance whose heads name no bit rate. */
        private boolean isFreeFormat() throws IOException {
            ByteBuffer head = read(0, LONGEST_FRAGMENTED_MOOV);
            for (int first = 0; first + 4 <= head.limit(); first++) {
                int frame = head.getInt(first) & MP3_FORMAT;
                if ((frame & NO_BIT_RATE_MASK) != NO_BIT_RATE) continue;
                int second = next(head, first + 4, frame);
                int third = second < 0 ? -1 : next(head, second + second - first - 1, frame);
                // a frame may be padded by one byte
                if (third >= 0 && third - second <= second - first + 1) return true;
            }
            return false;
        }

        private static int next(ByteBuffer head, int from, int frame) {
            for (int at = from; at + 4 <= Math.min(head.limit(), from + LONGEST_FREE_FRAME); at++)
                if ((head.getInt(at) & MP3_FORMAT) == frame) return at;
            return -1;
        }

        private static int after(ByteBuffer head, int at) {
            int size = head.getInt(at);
            return size < BOX || size > head.limit() - at ? -1 : at + size;
        }

        private ByteBuffer read(long offset, int length) throws IOException {
            try (InputStream in = source.open(offset)) {
                return ByteBuffer.wrap(in.readNBytes(length));
            }
        }

        private static String name(ByteBuffer bytes, int at) {
            if (at + 4 > bytes.limit()) return "";
            byte[] name = new byte[4];
            bytes.get(at, name);
            return new String(name, StandardCharsets.ISO_8859_1);
        }

        private static boolean startsWith(ByteBuffer bytes, byte[] wanted) {
            return bytes.limit() >= wanted.length
                    && bytes.slice(0, wanted.length).equals(ByteBuffer.wrap(wanted));
        }
    }
}
