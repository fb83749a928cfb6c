package dev.tomp3.converter.source;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the header of each further file in Matroska files that were joined byte by byte. ffmpeg
 * reads on behind such a header, but with the codec of the first file.
 */
final class JoinedMatroska extends UnitFinder {
    private static final byte[] HEADER = {0x1a, 0x45, (byte) 0xdf, (byte) 0xa3};
    private static final String SEGMENT = "\u0018S\u0080g";

    /** A header with the start of the segment behind it. */
    private static final int LONGEST = 128;

    private static final int LENGTH = 8;

    private final List<Long> cuts = new ArrayList<>();

    JoinedMatroska() {
        super(HEADER, LONGEST);
    }

    @Override
    long unit(byte[] bytes, int at, long offset) {
        String start = new String(bytes, at, LONGEST, StandardCharsets.ISO_8859_1);
        int segment = start.indexOf(SEGMENT);
        int size = segment + SEGMENT.length();
        boolean isHeader = start.contains("webm") || start.contains("matroska");
        if (segment < 0 || !isHeader || size + LENGTH > LONGEST) return 1;
        if (offset > 0 && cuts.size() < MAX_PARTS - 1) cuts.add(offset);
        return size + contentLength(bytes, at + size);
    }

    /** A length in EBML; 0 when it is unknown. */
    private static long contentLength(byte[] bytes, int at) {
        int first = bytes[at] & 0xff;
        int more = Integer.numberOfLeadingZeros(first) - 24;
        if (more >= LENGTH) return 0;
        long mask = (1L << (7 * (more + 1))) - 1;
        long length = 0;
        for (int i = 0; i <= more; i++) length = (length << 8) | (bytes[at + i] & 0xff);
        length &= mask;
        return length == mask ? 0 : length;
    }

    @Override
    public List<Part> parts(int track, long length) {
        return Part.between(cuts, length);
    }
}
