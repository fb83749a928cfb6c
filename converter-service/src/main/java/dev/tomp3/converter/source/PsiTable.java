package dev.tomp3.converter.source;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;

/** Collects the sections of a table (ISO/IEC 13818-1, 2.4.4) from the packets of one PID. */
final class PsiTable {
    /**
     * A complete section whose checksum is right.
     *
     * @param from the offset of the packet in which it begins
     * @param last the offset of the packet in which it ends
     */
    record Section(ByteBuffer bytes, long from, long last) {
        private static final int HEADER = 8;
        private static final int CHECKSUM = 4;

        int tableId() {
            return bytes.get(0) & 0xff;
        }

        /** The number of the transport stream or programme. */
        int number() {
            return bytes.getShort(3) & 0xffff;
        }

        /** Whether it holds now, not only later. */
        boolean isCurrent() {
            return (bytes.get(5) & 1) == 1;
        }

        /** Whether the table has no other section. */
        boolean isAlone() {
            return bytes.getShort(6) == 0;
        }

        ByteBuffer body() {
            return bytes.slice(HEADER, bytes.limit() - HEADER - CHECKSUM);
        }
    }

    private static final int LONGEST = 1024;
    private static final int SHORTEST = 12;
    private static final int START = 3;
    private static final byte STUFFING = (byte) 0xff;

    private final Consumer<Section> sink;
    private final byte[] bytes = new byte[LONGEST];
    private int length;
    private long from;
    private boolean collecting;

    PsiTable(Consumer<Section> sink) {
        this.sink = sink;
    }

    /**
     * Takes the payload of a packet.
     *
     * @param starts whether a section starts in it
     * @param offset of the packet
     */
    void accept(byte[] packet, int at, int end, boolean starts, long offset) {
        if (!starts) {
            if (collecting) collect(packet, at, end, offset);
            return;
        }
        if (at >= end) return;
        int first = Math.min(at + 1 + (packet[at] & 0xff), end);
        if (collecting) collect(packet, at + 1, first, offset);
        for (int next = first; next < end && packet[next] != STUFFING; ) {
            collecting = true;
            length = 0;
            from = offset;
            next = collect(packet, next, end, offset);
        }
    }

    /** Returns where the section ends, or the packet. */
    private int collect(byte[] packet, int at, int end, long offset) {
        int next = at;
        while (next < end && length < needed()) bytes[length++] = packet[next++];
        if (length < needed()) return next;
        collecting = false;
        if (length >= SHORTEST && checksum() == 0)
            sink.accept(new Section(ByteBuffer.wrap(Arrays.copyOf(bytes, length)), from, offset));
        return next;
    }

    private int needed() {
        if (length < START) return START;
        return Math.min(LONGEST, START + (((bytes[1] & 0x0f) << 8) | (bytes[2] & 0xff)));
    }

    /** CRC-32/MPEG-2; 0 over a section with its checksum. */
    private int checksum() {
        int crc = -1;
        for (int i = 0; i < length; i++) {
            crc ^= bytes[i] << 24;
            for (int bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc < 0 ? 0x04c1_1db7 : 0);
        }
        return crc;
    }
}
