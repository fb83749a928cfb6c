package dev.tomp3.converter.source;

import dev.tomp3.converter.source.Part.Range;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Follows one audio track of a transport stream: where its programme announces it under another PID
 * or with another codec, or where it falls silent for good and another one begins, a part begins.
 * Other tracks may come and go. Each packet that is followed is in exactly one part.
 */
final class FollowedTrack {
    private static final int MAX_PARTS = 100;

    /** A track that is no longer announced may still send the end of its last frames. */
    private static final int LONGEST_TAIL = 1 << 18;

    /** ffmpeg does not find audio that begins after this offset. */
    private static final int PROBED = 4 << 20;

    private final int id;
    private final int packetLength;
    private final List<Part> parts = new ArrayList<>();
    private final Set<Integer> known = new HashSet<>();
    private int programme = -1;
    private boolean ended;
    private @Nullable AudioTrack playing;
    private Announcement began = new Announcement(-1, 0, List.of(), List.of());
    private long from;

    FollowedTrack(int id, int packetLength) {
        this.id = id;
        this.packetLength = packetLength;
    }

    List<Part> parts(List<Announcement> announcements, long length) {
        for (Announcement announcement : announcements) {
            if (parts.size() < MAX_PARTS - 1) follow(announcement);
            if (announcement.tracks().isEmpty()) known.remove(announcement.programme());
            else known.add(announcement.programme());
        }
        if (playing != null) add(playing, length);
        return parts;
    }

    private void follow(Announcement announcement) {
        AudioTrack track = playing;
        if (track == null) {
            AudioTrack first =
                    announcement.find(other ->
                            id == Part.ANY_TRACK
                                    ? other.isCertain() && other.packets() > 0
                                    : other.pid() == id);
            if (first == null) return;
            if (first.first() > PROBED) from = first.first();
            else if (!known.isEmpty()) from = announcement.at();
            play(announcement, first);
            return;
        }
        boolean same = announcement.programme() == programme;
        if (same) ended = announcement.tracks().isEmpty();
        else if (!ended || known.contains(announcement.programme())) return;
        AudioTrack next = successor(announcement, track);
        if (next == null) return;
        if (!next.continues(track)) {
            add(track, endOf(track, announcement, next));
            from = announcement.at();
        }
        play(announcement, next);
    }

    private void play(Announcement announcement, AudioTrack track) {
        if (playing == null || !track.continues(playing)) began = announcement;
        programme = announcement.programme();
        playing = track;
        ended = false;
        AudioTrack heir =
                announcement.find(other ->
                        track.packets() > 0
                                && other.isCertain()
                                && other.first() > track.last()
                                && other.packets() > AudioTrack.MANY_PACKETS);
        if (heir == null) return;
        add(track, heir.first());
        from = heir.first();
        began = announcement;
        play(announcement, heir);
    }

    private void add(AudioTrack track, long to) {
        List<Range> ranges = new ArrayList<>();
        if (from > 0) ranges.addAll(began.tables());
        ranges.add(new Range(from, to));
        parts.add(new Part(ranges, track.pid()));
    }

    private static @Nullable AudioTrack successor(Announcement announcement, AudioTrack track) {
        AudioTrack same = announcement.find(other -> other.continues(track));
        if (same != null && same.packets() > 0) return same;
        long enough = same == null ? 0 : AudioTrack.MANY_PACKETS;
        return Stream.<Predicate<AudioTrack>>of(
                        other -> other.hasLanguageOf(track),
                        other -> other.hasCodecOf(track),
                        other -> true)
                .map(wanted ->
                        announcement.find(
                                wanted.and(other -> other.isCertain() && other.packets() > enough)))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(same);
    }

    private long endOf(AudioTrack track, Announcement announcement, AudioTrack next) {
        long tail = track.last() + packetLength;
        boolean ownTail =
                next.pid() != track.pid()
                        && tail > announcement.at()
                        && tail < announcement.at() + LONGEST_TAIL;
        return ownTail ? tail : announcement.at();
    }
}
