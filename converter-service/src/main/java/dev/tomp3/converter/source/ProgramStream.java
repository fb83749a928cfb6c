package dev.tomp3.converter.source;

import dev.tomp3.converter.source.Part.Range;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Reads the packets of an MPEG program stream (VOB). Nothing announces its tracks: where the first
 * one falls silent and one begins that was not heard beside it, a part begins.
 */
final class ProgramStream extends UnitFinder {
    private static final byte[] START = {0, 0, 1};
    private static final int PRIVATE = 0xbd;
    private static final int FIRST_AUDIO = 0xc0;
    private static final int LAST_AUDIO = 0xdf;
    private static final int FIRST_PACKET = 0xbb;
    private static final int LAST_PACKET = 0xef;

    /** ffmpeg's stream ids are start codes with the bytes before them. */
    private static final int START_CODE = 0x100;

    private static final int LONGEST_START = 9 + 255 + 1;

    /** So many packets show that a track has taken the place of the one before. */
    private static final int MANY_PACKETS = 25;

    private static final class Challenger {
        final long first;
        int packets;

        Challenger(long first) {
            this.first = first;
        }
    }

    private int playing;
    private final Set<Integer> beside = new HashSet<>();
    private final Map<Integer, Challenger> challengers = new HashMap<>();
    private final List<Long> cuts = new ArrayList<>();
    private final List<Integer> tracks = new ArrayList<>();

    ProgramStream() {
        super(START, LONGEST_START);
    }

    @Override
    long unit(byte[] bytes, int at, long offset) {
        int code = bytes[at + 3] & 0xff;
        if (code < FIRST_PACKET || code > LAST_PACKET) return START.length;
        if (code >= FIRST_AUDIO && code <= LAST_AUDIO) audio(START_CODE | code, offset);
        if (code == PRIVATE) {
            int track = bytes[at + 9 + (bytes[at + 8] & 0xff)] & 0xff;
            // AC-3 and DTS, LPCM, and AC-3 of an HD DVD
            if (track >= 0x80 && track <= 0xcf) audio(track, offset);
        }
        return 6L + (((bytes[at + 4] & 0xff) << 8) | (bytes[at + 5] & 0xff));
    }

    private void audio(int track, long offset) {
        if (tracks.isEmpty()) {
            tracks.add(track);
            playing = track;
        }
        if (track == playing) {
            beside.addAll(challengers.keySet());
            challengers.clear();
        } else if (!beside.contains(track) && tracks.size() < MAX_PARTS) {
            Challenger challenger =
                    challengers.computeIfAbsent(track, key -> new Challenger(offset));
            if (++challenger.packets == MANY_PACKETS) replace();
        }
    }

    /** Of several tracks that begin together, one that was heard before is the same again. */
    private void replace() {
        int next =
                challengers.entrySet().stream()
                        .filter(other -> other.getValue().packets > MANY_PACKETS / 2)
                        .min(
                                Comparator.comparing((Map.Entry<Integer, Challenger> other) ->
                                                !tracks.contains(other.getKey()))
                                        .thenComparingLong(other -> other.getValue().first))
                        .orElseThrow()
                        .getKey();
        cuts.add(Objects.requireNonNull(challengers.get(next)).first);
        tracks.add(next);
        playing = next;
        beside.clear();
        challengers.clear();
    }

    @Override
    public List<Part> parts(int track, long length) {
        List<Part> parts = new ArrayList<>();
        boolean other = tracks.isEmpty() || (track != Part.ANY_TRACK && track != tracks.getFirst());
        for (int i = 0; !other && i < tracks.size(); i++) {
            long from = i == 0 ? 0 : cuts.get(i - 1);
            long to = i == cuts.size() ? length : cuts.get(i);
            parts.add(new Part(List.of(new Range(from, to)), tracks.get(i)));
        }
        return parts;
    }
}
