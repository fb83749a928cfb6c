package dev.tomp3.converter.source;

import java.util.Arrays;

/**
 * Goes through a source that consists of units (pages, packets, files) which tell their own length.
 * Between them it looks for the start of the next one.
 */
abstract class UnitFinder implements PartFinder {
    static final int MAX_PARTS = 100;

    private final byte[] magic;
    private final int longestStart;
    private byte[] pending = new byte[0];
    private long position;
    private long skip;

    /**
     * Creates a finder.
     *
     * @param magic the first bytes of each unit
     * @param longestStart so many bytes are there when {@link #unit} is called
     */
    UnitFinder(byte[] magic, int longestStart) {
        this.magic = magic;
        this.longestStart = longestStart;
    }

    /**
     * Takes the start of a unit.
     *
     * @param at where it is in the bytes
     * @param offset where it is in the source
     * @return how many bytes follow that cannot hold the next one; at least 1
     */
    abstract long unit(byte[] bytes, int at, long offset);

    @Override
    public final void accept(byte[] bytes, int from, int count) {
        int passed = (int) Math.min(skip, count);
        skip -= passed;
        position += passed;
        if (passed == count) return;
        byte[] all = Arrays.copyOf(pending, pending.length + count - passed);
        System.arraycopy(bytes, from + passed, all, pending.length, count - passed);
        long at = 0;
        while (at + longestStart <= all.length) {
            int next = (int) at;
            while (next + longestStart < all.length && all[next] != magic[0]) next++;
            boolean found = Arrays.equals(all, next, next + magic.length, magic, 0, magic.length);
            at = next + (found ? unit(all, next, position + next) : 1);
        }
        skip = Math.max(0, at - all.length);
        int end = (int) Math.min(at, all.length);
        pending = Arrays.copyOfRange(all, end, all.length);
        position += end;
    }
}
