package dev.tomp3.converter.source;

import dev.tomp3.converter.source.Part.Range;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the programme tables of an MPEG transport stream (ISO/IEC 13818-1) in packets of 188, 192
 * or 204 bytes, and counts the packets of each audio track.
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

    /** A stream with less clear audio than one packet in so many is scrambled. */
    private static final int CLEAR_LEAD = 10;

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
        return new FollowedTrack(id, packetLength).parts(announcements, length);
    }
}
