package dev.tomp3.converter.source;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads the pages of an Ogg file. ffmpeg follows a chain of links as long as each has one track of
 * the same codec; elsewhere a part begins.
 */
final class OggChain implements PartFinder {
    private static final byte[] CAPTURE = {'O', 'g', 'g', 'S'};
    private static final int HEADER = 27;
    private static final int CODEC = 7;
    private static final int LONGEST_START = HEADER + 255 + CODEC;
    private static final int FIRST_PAGE = 2;
    private static final int MAX_PARTS = 100;

    private byte[] pending = new byte[0];
    private long position;
    private long skip;
    private boolean inHeaders;
    private long linkAt;
    private final List<String> link = new ArrayList<>();
    private List<String> previous = List.of();
    private final List<Long> cuts = new ArrayList<>();

    @Override
    public void accept(byte[] bytes, int from, int count) {
        int passed = (int) Math.min(skip, count);
        skip -= passed;
        position += passed;
        if (passed == count) return;
        byte[] all = Arrays.copyOf(pending, pending.length + count - passed);
        System.arraycopy(bytes, from + passed, all, pending.length, count - passed);
        int at = 0;
        while (at + LONGEST_START <= all.length) {
            at +=
                    Arrays.equals(all, at, at + CAPTURE.length, CAPTURE, 0, CAPTURE.length)
                            ? page(all, at)
                            : 1;
        }
        skip = Math.max(0, at - all.length);
        int end = Math.min(at, all.length);
        pending = Arrays.copyOfRange(all, end, all.length);
        position += end;
    }

    /** Returns its length. */
    private int page(byte[] bytes, int at) {
        int segments = bytes[at + HEADER - 1] & 0xff;
        int body = at + HEADER + segments;
        int length = HEADER + segments;
        for (int i = at + HEADER; i < body; i++) length += bytes[i] & 0xff;
        if ((bytes[at + 5] & FIRST_PAGE) != 0) {
            if (!inHeaders) {
                inHeaders = true;
                linkAt = position + at;
                link.clear();
            }
            if (link.size() < MAX_PARTS)
                link.add(new String(bytes, body, CODEC, StandardCharsets.ISO_8859_1));
        } else if (inHeaders) {
            inHeaders = false;
            boolean follows = link.size() == 1 && link.equals(previous);
            if (linkAt > 0 && !follows && cuts.size() < MAX_PARTS - 1) cuts.add(linkAt);
            previous = List.copyOf(link);
        }
        return length;
    }

    @Override
    public List<Part> parts(int track, long length) {
        return Part.between(cuts, length);
    }
}
