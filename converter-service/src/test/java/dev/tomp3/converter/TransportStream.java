package dev.tomp3.converter;

import static dev.tomp3.converter.Corpus.integer;
import static dev.tomp3.converter.Corpus.put;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoublePredicate;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntPredicate;

/** The packets of an MPEG transport stream (ISO/IEC 13818-1) that ffmpeg made, to be changed. */
final class TransportStream {
    static final int PACKET = 188;

    /** As ffmpeg numbers them. */
    static final int PMT = 0x1000;

    static final int VIDEO = 0x100;
    static final int AUDIO = 0x101;

    private static final int TICKS = 90_000;
    private static final long WRAP = 1L << 33;

    private final List<byte[]> packets = new ArrayList<>();

    private TransportStream() {}

    static TransportStream of(byte[] file) {
        TransportStream stream = new TransportStream();
        for (int at = 0; at + PACKET <= file.length; at += PACKET)
            stream.packets.add(Arrays.copyOfRange(file, at, at + PACKET));
        return stream;
    }

    byte[] bytes() {
        return Corpus.bytes(packets.toArray(byte[][]::new));
    }

    private static int pid(byte[] packet) {
        return (packet[1] & 0x1f) << 8 | (packet[2] & 0xff);
    }

    private static boolean starts(byte[] packet) {
        return (packet[1] & 0x40) != 0;
    }

    private static int payload(byte[] packet) {
        return (packet[3] & 0x20) == 0 ? 4 : 5 + (packet[4] & 0xff);
    }

    /** Changes the clock, in seconds, and every time of the streams that are chosen. */
    TransportStream retime(IntPredicate pids, DoubleUnaryOperator time) {
        for (byte[] packet : packets) {
            if (!pids.test(pid(packet))) continue;
            boolean adaptation = (packet[3] & 0x20) != 0 && packet[4] != 0;
            if (adaptation && (packet[5] & 0x10) != 0) {
                long clock = 0;
                for (int i = 0; i < 4; i++) clock = clock << 8 | (packet[6 + i] & 0xff);
                clock = changed(clock << 1 | (packet[10] & 0x80) >> 7, time);
                put(packet, 6, integer((int) (clock >> 1)));
                packet[10] = (byte) ((packet[10] & 0x7f) | (int) (clock & 1) << 7);
            }
            int at = payload(packet);
            if (!starts(packet) || packet[at] != 0 || packet[at + 2] != 1) continue;
            int flags = packet[at + 7] >> 6 & 3;
            if (flags >= 2) putTime(packet, at + 9, changed(time(packet, at + 9), time));
            if (flags == 3) putTime(packet, at + 14, changed(time(packet, at + 14), time));
        }
        return this;
    }

    private static long changed(long ticks, DoubleUnaryOperator time) {
        double seconds = (double) ticks / TICKS;
        return Math.floorMod(
                ticks + Math.round((time.applyAsDouble(seconds) - seconds) * TICKS), WRAP);
    }

    private static long time(byte[] packet, int at) {
        return (packet[at] & 0x0eL) << 29
                | (packet[at + 1] & 0xffL) << 22
                | (packet[at + 2] & 0xfeL) << 14
                | (packet[at + 3] & 0xffL) << 7
                | (packet[at + 4] & 0xfeL) >> 1;
    }

    private static void putTime(byte[] packet, int at, long ticks) {
        packet[at] = (byte) ((packet[at] & 0xf1) | ((int) (ticks >> 29) & 0x0e));
        packet[at + 1] = (byte) (ticks >> 22);
        packet[at + 2] = (byte) (ticks >> 14 | 1);
        packet[at + 3] = (byte) (ticks >> 7);
        packet[at + 4] = (byte) (ticks << 1 | 1);
    }

    /** Removes the audio that begins at some times, as if it had never been sent. */
    TransportStream withoutAudio(DoublePredicate times) {
        boolean[] within = new boolean[1];
        int[] counter = new int[1];
        packets.removeIf(packet -> {
            if (pid(packet) != AUDIO) return false;
            if (starts(packet))
                within[0] = times.test((double) time(packet, payload(packet) + 9) / TICKS);
            if (!within[0]) packet[3] = (byte) ((packet[3] & 0xf0) | (counter[0]++ & 0x0f));
            return within[0];
        });
        return this;
    }

    /** Loses packets of the audio on the way. */
    TransportStream losing(IntPredicate numbers) {
        int[] number = new int[1];
        packets.removeIf(packet -> pid(packet) == AUDIO && numbers.test(number[0]++));
        return this;
    }

    /** Announces an audio stream that is never sent. */
    TransportStream announcing(int type, int pid, boolean first) {
        byte[] entry = {(byte) type, (byte) (0xe0 | pid >> 8), (byte) pid, (byte) 0xf0, 0};
        for (int i = 0; i < packets.size(); i++) {
            byte[] packet = packets.get(i);
            if (pid(packet) != PMT) continue;
            int at = payload(packet) + 1;
            int end = at + 3 + ((packet[at + 1] & 0x0f) << 8 | (packet[at + 2] & 0xff)) - 4;
            int entries = at + 12 + ((packet[at + 10] & 0x0f) << 8 | (packet[at + 11] & 0xff));
            int here = first ? entries : end;
            byte[] section =
                    Corpus.bytes(
                            Arrays.copyOfRange(packet, at, here),
                            entry,
                            Arrays.copyOfRange(packet, here, end));
            int length = section.length - 3 + 4;
            section[1] = (byte) ((section[1] & 0xf0) | length >> 8);
            section[2] = (byte) length;
            byte[] changed =
                    Corpus.bytes(Arrays.copyOfRange(packet, 0, at), section, integer(sum(section)));
            byte[] whole = new byte[PACKET];
            Arrays.fill(whole, (byte) 0xff);
            put(whole, 0, changed);
            packets.set(i, whole);
        }
        return this;
    }

    private static int sum(byte[] section) {
        int sum = -1;
        for (byte value : section) {
            sum ^= value << 24;
            for (int bit = 0; bit < 8; bit++) sum = sum << 1 ^ (sum < 0 ? 0x04c1_1db7 : 0);
        }
        return sum;
    }

    /** Scrambles streams with a key that nobody has. */
    TransportStream scrambled(IntPredicate pids) {
        Random key = new Random(1);
        for (byte[] packet : packets) {
            if (!pids.test(pid(packet))) continue;
            packet[3] |= (byte) 0x80;
            byte[] noise = new byte[PACKET - payload(packet)];
            key.nextBytes(noise);
            put(packet, PACKET - noise.length, noise);
        }
        return this;
    }
}
