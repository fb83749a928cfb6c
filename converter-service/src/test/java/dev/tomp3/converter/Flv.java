package dev.tomp3.converter;

import static dev.tomp3.converter.Corpus.ascii;
import static dev.tomp3.converter.Corpus.first;
import static dev.tomp3.converter.Corpus.integer;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;

/** The tags of an FLV file that ffmpeg made, to be removed or given other times. */
final class Flv {
    private static final int HEAD = 13;
    private static final int AUDIO = 8;

    private final byte[] head;
    private final List<byte[]> tags = new ArrayList<>();

    private Flv(byte[] head) {
        this.head = head;
    }

    static Flv of(byte[] file) {
        Flv flv = new Flv(Arrays.copyOf(file, HEAD));
        ByteBuffer buffer = ByteBuffer.wrap(file);
        for (int at = HEAD; at < file.length; ) {
            int size = 11 + (buffer.getInt(at) & 0xffffff);
            flv.tags.add(Arrays.copyOfRange(file, at, at + size));
            at += size + 4;
        }
        return flv;
    }

    /** Milliseconds. */
    private static int time(byte[] tag) {
        return ByteBuffer.wrap(tag).getInt(4) >>> 8 | tag[7] << 24;
    }

    Flv retime(IntUnaryOperator time) {
        for (byte[] tag : tags) {
            int changed = time.applyAsInt(time(tag));
            Corpus.put(tag, 4, integer(changed << 8 | changed >>> 24));
        }
        return this;
    }

    Flv withoutAudio(IntPredicate times) {
        tags.removeIf(tag -> tag[0] == AUDIO && !isConfiguration(tag) && times.test(time(tag)));
        return this;
    }

    /** Loses audio tags by their numbers. */
    Flv losing(IntPredicate numbers) {
        int[] number = new int[1];
        tags.removeIf(tag -> tag[0] == AUDIO && !isConfiguration(tag) && numbers.test(number[0]++));
        return this;
    }

    private static boolean isConfiguration(byte[] tag) {
        return tag[11] >> 4 == (byte) 0xfa && tag[12] == 0;
    }

    Flv declaring(double seconds) {
        for (byte[] tag : tags) {
            int at = first(tag, ascii("duration"));
            if (at >= 0) ByteBuffer.wrap(tag).putDouble(at + 9, seconds);
        }
        return this;
    }

    byte[] bytes() {
        List<byte[]> all = new ArrayList<>(List.of(head));
        for (byte[] tag : tags) {
            all.add(tag);
            all.add(integer(tag.length));
        }
        return Corpus.bytes(all.toArray(byte[][]::new));
    }
}
