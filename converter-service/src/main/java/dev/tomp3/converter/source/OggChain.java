package dev.tomp3.converter.source;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads the pages of an Ogg file. ffmpeg follows a chain of links as long as each has one track of
 * the same codec, sample rate and channels; elsewhere a part begins.
 */
final class OggChain extends UnitFinder {
    private static final byte[] CAPTURE = {'O', 'g', 'g', 'S'};
    private static final int HEADER = 27;
    private static final int CODEC = 7;
    private static final int IDENTIFICATION = 52;
    private static final int LONGEST_START = HEADER + 255 + IDENTIFICATION;
    private static final int FIRST_PAGE = 2;

    private boolean inHeaders;
    private long linkAt;
    private final List<String> link = new ArrayList<>();
    private List<String> previous = List.of();
    private final List<Long> cuts = new ArrayList<>();

    OggChain() {
        super(CAPTURE, LONGEST_START);
    }

    @Override
    long unit(byte[] bytes, int at, long offset) {
        int segments = bytes[at + HEADER - 1] & 0xff;
        int body = at + HEADER + segments;
        int length = HEADER + segments;
        for (int i = at + HEADER; i < body; i++) length += bytes[i] & 0xff;
        if ((bytes[at + 5] & FIRST_PAGE) != 0) {
            if (!inHeaders) {
                inHeaders = true;
                linkAt = offset;
                link.clear();
            }
            if (link.size() < MAX_PARTS)
                link.add(format(new String(bytes, body, IDENTIFICATION, ISO_8859_1)));
        } else if (inHeaders) {
            inHeaders = false;
            boolean follows = link.size() == 1 && link.equals(previous);
            if (linkAt > 0 && !follows && cuts.size() < MAX_PARTS - 1) cuts.add(linkAt);
            previous = List.copyOf(link);
        }
        return length;
    }

    /** The name of the codec, its sample rate and channels, out of its identification header. */
    private static String format(String header) {
        String codec = header.substring(0, CODEC);
        return codec
                + switch (codec) {
                    case "\u0001vorbis" -> header.substring(11, 16);
                    case "OpusHea" -> header.substring(9, 10); // always at 48 kHz
                    case "\u007fFLAC\u0001\0" -> header.substring(27, 30);
                    case "Speex  " -> header.substring(36, 52);
                    default -> "";
                };
    }

    @Override
    public List<Part> parts(int track, long length) {
        return Part.between(cuts, length);
    }
}
