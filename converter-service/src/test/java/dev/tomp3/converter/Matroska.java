package dev.tomp3.converter;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;

/**
 * The blocks of a Matroska or WebM file that ffmpeg made, to be removed or given other times. They
 * are written in clusters of a second; the indexes are left out, as programs that stream do.
 */
final class Matroska {
    private static final int SEGMENT = 0x18538067;
    private static final int CLUSTER = 0x1f43b675;
    private static final int TIMESTAMP = 0xe7;
    private static final int SIMPLE_BLOCK = 0xa3;
    private static final int BLOCK_GROUP = 0xa0;
    private static final int BLOCK = 0xa1;
    private static final Set<Integer> LEFT_OUT = Set.of(0x1c53bb6b, 0x114d9b74, 0xec);
    private static final int SECOND = 1000;

    private static final class Element {
        final int id;
        final byte[] body;

        Element(int id, byte[] body) {
            this.id = id;
            this.body = body;
        }

        byte[] bytes() {
            byte[] all = ByteBuffer.allocate(4).putInt(id).array();
            int zeros = Integer.numberOfLeadingZeros(id) / 8;
            byte[] size = ByteBuffer.allocate(8).putLong(1L << 56 | body.length).array();
            return Corpus.bytes(Arrays.copyOfRange(all, zeros, 4), size, body);
        }
    }

    private record Timed(int time, Element element) {}

    private final List<Element> head = new ArrayList<>();
    private final List<Element> others = new ArrayList<>();
    private List<Timed> blocks = new ArrayList<>();

    private Matroska() {}

    static Matroska of(byte[] file) {
        Matroska matroska = new Matroska();
        for (Element top : parse(file)) {
            if (top.id != SEGMENT) matroska.head.add(top);
            else
                for (Element element : parse(top.body)) {
                    if (element.id == CLUSTER) matroska.addCluster(parse(element.body));
                    else if (!LEFT_OUT.contains(element.id)) matroska.others.add(element);
                }
        }
        return matroska;
    }

    private void addCluster(List<Element> elements) {
        int start = 0;
        for (Element element : elements) {
            if (element.id == TIMESTAMP)
                for (byte value : element.body) start = start << 8 | (value & 0xff);
            else if (element.id == SIMPLE_BLOCK || element.id == BLOCK_GROUP)
                blocks.add(new Timed(start + header(element).getShort(1), element));
        }
    }

    private static List<Element> parse(byte[] bytes) {
        List<Element> found = new ArrayList<>();
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            int id = (int) number(buffer, true);
            int size = (int) number(buffer, false);
            int end =
                    Math.min(buffer.limit(), size < 0 ? buffer.limit() : buffer.position() + size);
            found.add(new Element(id, Arrays.copyOfRange(bytes, buffer.position(), end)));
            buffer.position(end);
        }
        return found;
    }

    /** Returns -1 for an unknown size. */
    private static long number(ByteBuffer buffer, boolean marked) {
        int first = buffer.get() & 0xff;
        int more = Integer.numberOfLeadingZeros(first) - 24;
        long value = marked ? first : first & (0x7f >> more);
        boolean unknown = !marked && value == 0x7f >> more;
        for (int i = 0; i < more; i++) {
            int next = buffer.get() & 0xff;
            unknown &= next == 0xff;
            value = value << 8 | next;
        }
        return unknown ? -1 : value;
    }

    /** The number of the track, two bytes of time, and flags. */
    private static ByteBuffer header(Element element) {
        if (element.id == SIMPLE_BLOCK) return ByteBuffer.wrap(element.body);
        ByteBuffer buffer = ByteBuffer.wrap(element.body);
        while (number(buffer, true) != BLOCK)
            buffer.position(buffer.position() + (int) number(buffer, false));
        number(buffer, false);
        return buffer.slice();
    }

    /** Removes blocks of a track by their times in milliseconds. */
    Matroska without(int track, IntPredicate times) {
        blocks.removeIf(block -> track(block) == track && times.test(block.time));
        return this;
    }

    /** Loses blocks of a track by their numbers. */
    Matroska losing(int track, IntPredicate numbers) {
        int[] number = new int[1];
        blocks.removeIf(block -> track(block) == track && numbers.test(number[0]++));
        return this;
    }

    /** Has nothing usable in its blocks. */
    Matroska overwritten() {
        for (Timed block : blocks) {
            ByteBuffer packet = header(block.element);
            for (int i = 4; i < packet.limit(); i++) packet.put(i, (byte) 0xff);
        }
        return this;
    }

    Matroska retime(IntUnaryOperator time) {
        blocks =
                new ArrayList<>(
                        blocks.stream()
                                .map(block -> new Timed(time.applyAsInt(block.time), block.element))
                                .toList());
        return this;
    }

    private static int track(Timed block) {
        return header(block.element).get(0) & 0x7f;
    }

    byte[] bytes() {
        List<byte[]> clusters = new ArrayList<>();
        List<byte[]> cluster = new ArrayList<>();
        int start = 0;
        for (Timed block : blocks) {
            int since = block.time - start;
            if (cluster.isEmpty() || since >= SECOND || since < -SECOND) {
                clusters.add(new Element(CLUSTER, all(cluster)).bytes());
                cluster.clear();
                start = Math.max(0, block.time);
                byte[] time = ByteBuffer.allocate(4).putInt(start).array();
                cluster.add(new Element(TIMESTAMP, time).bytes());
            }
            header(block.element).putShort(1, (short) (block.time - start));
            cluster.add(block.element.bytes());
        }
        clusters.add(new Element(CLUSTER, all(cluster)).bytes());
        byte[] first = all(others.stream().map(Element::bytes).toList());
        byte[] segment = Corpus.bytes(first, all(clusters.subList(1, clusters.size())));
        return Corpus.bytes(
                all(head.stream().map(Element::bytes).toList()),
                new Element(SEGMENT, segment).bytes());
    }

    private static byte[] all(List<byte[]> parts) {
        return Corpus.bytes(parts.toArray(byte[][]::new));
    }
}
