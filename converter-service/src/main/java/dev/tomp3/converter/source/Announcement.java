package dev.tomp3.converter.source;

import dev.tomp3.converter.source.Part.Range;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The audio tracks of a programme from an offset on.
 *
 * @param tables the programme association and the map
 */
record Announcement(int programme, long at, List<Range> tables, List<AudioTrack> tracks) {
    @Nullable AudioTrack find(Predicate<AudioTrack> wanted) {
        return tracks.stream().filter(wanted).findFirst().orElse(null);
    }

    /** A track of it that is only ever scrambled is not missed beside one that is clear. */
    boolean isScrambledForAWhile() {
        boolean silent = find(track -> track.packets() > 0) == null;
        return find(track ->
                track.scrambled() > AudioTrack.MANY_PACKETS && (silent || track.packets() > 0))
                != null;
    }

    boolean announces(List<AudioTrack> others) {
        if (tracks.size() != others.size()) return false;
        for (int i = 0; i < others.size(); i++) {
            if (!tracks.get(i).isLike(others.get(i))) return false;
        }
        return true;
    }
}
