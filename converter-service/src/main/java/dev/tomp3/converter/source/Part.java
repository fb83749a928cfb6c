package dev.tomp3.converter.source;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * A piece of a source that ffmpeg reads as a file of its own.
 *
 * @param ranges of the source, one after the other; the last one is the piece, the others repeat
 *     what a reader needs to know first
 * @param track the stream id of its audio; {@link #ANY_TRACK} when ffmpeg chooses
 */
public record Part(List<Range> ranges, int track) {
    /** No particular stream id. */
    public static final int ANY_TRACK = -1;

    /** Bytes of a source, from the first to the one before the last. */
    public record Range(long from, long to) {
        private long length() {
            return to - from;
        }
    }

    /** The parts of a source that is cut at these offsets. */
    static List<Part> between(List<Long> cuts, long length) {
        List<Part> parts = new ArrayList<>();
        long from = 0;
        for (long cut : cuts) {
            parts.add(new Part(List.of(new Range(from, cut)), ANY_TRACK));
            from = cut;
        }
        parts.add(new Part(List.of(new Range(from, length)), ANY_TRACK));
        return parts;
    }

    /** Where the piece begins in the source. */
    public long from() {
        return ranges.getLast().from();
    }

    /** Where the piece ends in the source. */
    public long to() {
        return ranges.getLast().to();
    }

    /** The piece as a source. */
    public Source of(Source whole) {
        return new Source() {
            @Override
            public long bytes() {
                return ranges.stream().mapToLong(Range::length).sum();
            }

            @Override
            public InputStream open(long offset) throws IOException {
                return new Ranges(whole, offset);
            }
        };
    }

    private final class Ranges extends FilterInputStream {
        private final Source whole;
        private int next;
        private long left;

        Ranges(Source whole, long offset) throws IOException {
            super(new ByteArrayInputStream(new byte[0]));
            this.whole = whole;
            long skip = offset;
            while (next < ranges.size() && skip >= ranges.get(next).length()) {
                skip -= ranges.get(next++).length();
            }
            if (next < ranges.size()) open(skip);
        }

        private void open(long skip) throws IOException {
            Range range = ranges.get(next++);
            in.close();
            in = whole.open(range.from() + skip);
            left = range.length() - skip;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int wanted) throws IOException {
            while (left == 0) {
                if (next == ranges.size()) return -1;
                open(0);
            }
            int count = in.read(bytes, offset, (int) Math.min(wanted, left));
            if (count > 0) left -= count;
            return count;
        }
    }
}
