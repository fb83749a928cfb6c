package dev.tomp3.converter.source;

import dev.tomp3.converter.source.Part.Range;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the programme tables of an MPEG transport stream (ISO/IEC 13818-1) in packets of 188, 192
 * or 204 bytes, and counts the packets of each audio track. It follows one track: where its
 * programme announces the audio under another PID or with another codec, a part begins. Other
 * tracks may come and go.
 *
 * <p>The input may be hostile: what is kept of it is bounded, and a table with a wrong checksum is
 * ignored.
 */
final class TransportStream implements PartFinder {
    private static final int[] PACKET_LENGTHS = {188, 192, 204};
    private static final int PACKET = 188;
    private static final int HEADER = 4;
    private static final int SYNC = 0x47;
    private static final int PACKETS_TO_RECOGNIZE = 5;
    private static final int PIDS = 8192;
    private static final int MAX_PROGRAMMES = 100;
    private static final int MAX_ANNOUNCEMENTS = 500;
    private static final int MAX_PARTS = 100;

    /** A track that is no longer announced may still send the end of its last frames. */
    private static final int LONGEST_TAIL = 1 << 18;

    /** A stream with less clear audio than one packet in so many is scrambled. */
    private static final int CLEAR_LEAD = 10;

    /** So many packets show that a track is in use, although another one is announced as before. */
    private static final int MANY_PACKETS = 100;

    /** ffmpeg does not find audio that begins after this offset. */
    private static final int PROBED = 4 << 20;

    /**
     * The audio tracks of a programme from an offset on.
     *
     * @param tables the programme association and the map
     */
    private record Announcement(
            int programme, long at, List<Range> tables, List<AudioTrack> tracks) {
        @Nullable AudioTrack find(Predicate<AudioTrack> wanted) {
            return tracks.stream().filter(wanted).findFirst().orElse(null);
        }

        /** A track of it that is only ever scrambled is not missed beside one that is clear. */
        boolean isScrambledForAWhile() {
            boolean silent = find(track -> track.packets() > 0) == null;
            return find(track ->
                    track.scrambled() > MANY_PACKETS && (silent || track.packets() > 0))
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

    private final int packetLength;
    private byte[] pending = new byte[0];
    private long position;
    private boolean inSync;

    private Range associationPacket = new Range(0, 0);
    private final @Nullable PsiTable[] tables = new @Nullable PsiTable[PIDS];
    private final Set<Integer> programmes = new HashSet<>();
    private final Set<Integer> mapPids = new HashSet<>();
    private final Map<Integer, Announcement> current = new HashMap<>();
    private final List<Announcement> announcements = new ArrayList<>();
    private final @Nullable AudioTrack[] tracks = new @Nullable AudioTrack[PIDS];

    private TransportStream(int packetLength) {
        this.packetLength = packetLength;
        tables[0] = new PsiTable(this::association);
    }

    /** Returns null for another format. */
    static @Nullable TransportStream of(byte[] start, int length) {
        for (int packet : PACKET_LENGTHS) {
            for (int first = 0; first < packet; first++) {
                int at = first;
                while (at < length && start[at] == SYNC) at += packet;
                if (at >= length && at - first >= packet * PACKETS_TO_RECOGNIZE)
                    return new TransportStream(packet);
            }
        }
        return null;
    }

    @Override
    public void accept(byte[] bytes, int from, int count) {
        byte[] all = Arrays.copyOf(pending, pending.length + count);
        System.arraycopy(bytes, from, all, pending.length, count);
        int at = 0;
        while (at + packetLength < all.length) {
            inSync = all[at] == SYNC && (inSync || all[at + packetLength] == SYNC);
            if (inSync) packet(all, at, position + at);
            at += inSync ? packetLength : 1;
        }
        pending = Arrays.copyOfRange(all, at, all.length);
        position += at;
    }

    private void packet(byte[] bytes, int at, long offset) {
        int pid = ((bytes[at + 1] & 0x1f) << 8) | (bytes[at + 2] & 0xff);
        boolean hasPayload = (bytes[at + 3] & 0x10) != 0;
        if (!hasPayload) return;
        AudioTrack track = tracks[pid];
        if (track != null) track.packet(offset, (bytes[at + 3] & 0xc0) != 0);
        PsiTable table = tables[pid];
        if (table == null) return;
        int payload = at + HEADER;
        boolean hasAdaptation = (bytes[at + 3] & 0x20) != 0;
        if (hasAdaptation) payload += 1 + (bytes[payload] & 0xff);
        boolean starts = (bytes[at + 1] & 0x40) != 0;
        table.accept(bytes, payload, at + PACKET, starts, offset);
    }

    private void association(PsiTable.Section section) {
        if (section.tableId() != 0 || !section.isCurrent()) return;
        associationPacket = packets(section);
        Set<Integer> pids = new HashSet<>();
        Set<Integer> listed = new HashSet<>();
        ByteBuffer body = section.body();
        while (body.remaining() >= 4 && listed.size() < MAX_PROGRAMMES) {
            int programme = body.getShort() & 0xffff;
            int pid = body.getShort() & 0x1fff;
            if (programme == 0 || pid == 0) continue;
            listed.add(programme);
            pids.add(pid);
            if (tables[pid] == null) tables[pid] = new PsiTable(this::map);
        }
        if (!section.isAlone()) {
            programmes.addAll(listed);
            mapPids.addAll(pids);
            return;
        }
        programmes.retainAll(listed);
        programmes.addAll(listed);
        for (int pid : mapPids) if (!pids.contains(pid)) tables[pid] = null;
        mapPids.clear();
        mapPids.addAll(pids);
        for (int programme : List.copyOf(current.keySet())) {
            if (!listed.contains(programme))
                announce(new Announcement(programme, section.from(), List.of(), List.of()));
        }
    }

    private void map(PsiTable.Section section) {
        int programme = section.number();
        if (section.tableId() != 2 || !section.isCurrent() || !programmes.contains(programme))
            return;
        List<AudioTrack> announced = AudioTrack.of(section.body());
        Announcement before = current.get(programme);
        if (before == null ? announced.isEmpty() : before.announces(announced)) return;
        announce(
                new Announcement(
                        programme,
                        section.from(),
                        List.of(associationPacket, packets(section)),
                        announced));
    }

    private Range packets(PsiTable.Section section) {
        return new Range(section.from(), section.last() + packetLength);
    }

    private void announce(Announcement announcement) {
        if (announcements.size() == MAX_ANNOUNCEMENTS) return;
        announcements.add(announcement);
        current.put(announcement.programme(), announcement);
        for (AudioTrack track : announcement.tracks()) tracks[track.pid()] = track;
    }

    @Override
    public boolean isScrambled() {
        long clear = 0;
        long scrambled = 0;
        for (Announcement announcement : announcements) {
            for (AudioTrack track : announcement.tracks()) {
                clear += track.packets();
                scrambled += track.scrambled();
            }
        }
        return scrambled > CLEAR_LEAD * clear;
    }

    @Override
    public boolean isPartlyScrambled() {
        Set<Integer> clear = new HashSet<>();
        for (Announcement announcement : announcements) {
            if (announcement.find(track -> track.packets() > 0) != null)
                clear.add(announcement.programme());
        }
        return announcements.stream()
                .filter(announcement -> clear.contains(announcement.programme()))
                .anyMatch(Announcement::isScrambledForAWhile);
    }

    @Override
    public List<Part> parts(int id, long length) {
        return new Following(id).parts(length);
    }

    /** Follows a track through all announcements. */
    private final class Following {
        private final int id;
        private final List<Part> parts = new ArrayList<>();
        private final Set<Integer> known = new HashSet<>();
        private int programme = -1;
        private boolean ended;
        private @Nullable AudioTrack playing;
        private Announcement began = new Announcement(-1, 0, List.of(), List.of());
        private long from;

        Following(int id) {
            this.id = id;
        }

        List<Part> parts(long length) {
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
                                    && other.packets() > MANY_PACKETS);
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
            long enough = same == null ? 0 : MANY_PACKETS;
            return Stream.<Predicate<AudioTrack>>of(
                            other -> other.hasLanguageOf(track),
                            other -> other.hasCodecOf(track),
                            other -> true)
                    .map(wanted ->
                            announcement.find(
                                    wanted.and(other ->
                                            other.isCertain() && other.packets() > enough)))
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
}
