package dev.tomp3.scaling;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The waiting jobs in the order in which they are claimed, by the rules of {@code libs/jobs}:
 *
 * <ol>
 *   <li>An owner without a running job comes first, unless the last claimed job was of this owner.
 *   <li>Otherwise the smallest start tag is first. The start tag of a job is one more than that of
 *       the owner's previous job, or the virtual time, whichever is later.
 *   <li>Owners at their limit are throttled.
 * </ol>
 */
final class Backlog {
    /** The order in which jobs are claimed. */
    enum Order {
        FAIR,
        FIRST_COME
    }

    private static final class Owner {
        final int id;
        final PriorityQueue<Job> waiting =
                new PriorityQueue<>(
                        Comparator.comparingLong((Job job) -> job.startTag)
                                .thenComparingLong(job -> job.id));
        long nextTag;
        int converting;

        Owner(int id) {
            this.id = id;
        }

        Job head() {
            Job head = waiting.peek();
            if (head == null)
                throw new IllegalStateException("Owner " + id + " has no waiting job");
            return head;
        }
    }

    private static final Comparator<Owner> BY_START_TAG =
            Comparator.comparingLong((Owner owner) -> owner.head().startTag)
                    .thenComparingLong(owner -> owner.head().id);

    private final Order order;
    private final int maxConcurrent;
    private final Map<Integer, Owner> owners = new HashMap<>();
    private final TreeSet<Owner> idle = new TreeSet<>(BY_START_TAG);
    private final TreeSet<Owner> busy = new TreeSet<>(BY_START_TAG);
    private long virtualTime;
    private @Nullable Owner lastOwner;
    private int size;

    /**
     * @param maxConcurrent jobs of one owner; 0 for any number
     */
    Backlog(Order order, int maxConcurrent) {
        this.order = order;
        this.maxConcurrent = maxConcurrent;
    }

    int size() {
        return size;
    }

    void accept(Job job) {
        if (order == Order.FAIR) {
            Owner owner = owner(job);
            job.startTag = Math.max(owner.nextTag, virtualTime);
            owner.nextTag = job.startTag + 1;
        }
        add(job);
    }

    /** Releases a claimed job, which keeps its start tag. */
    void release(Job job) {
        settled(job);
        add(job);
    }

    /** Ends a claimed job. */
    void settled(Job job) {
        Owner owner = owner(job);
        remove(owner);
        owner.converting--;
        enter(owner);
    }

    /** Claims the next job; null if none is waiting, or all owners are throttled. */
    @Nullable Job claim() {
        Owner next = next();
        if (next == null) return null;
        remove(next);
        Job job = next.waiting.remove();
        next.converting++;
        enter(next);
        size--;
        virtualTime = Math.max(virtualTime, job.startTag);
        lastOwner = next;
        return job;
    }

    private @Nullable Owner next() {
        if (order == Order.FAIR) {
            for (Owner owner : idle) if (owner != lastOwner) return owner;
        }
        if (idle.isEmpty()) return busy.isEmpty() ? null : busy.first();
        if (busy.isEmpty()) return idle.first();
        return BY_START_TAG.compare(idle.first(), busy.first()) < 0 ? idle.first() : busy.first();
    }

    private Owner owner(Job job) {
        return owners.computeIfAbsent(job.owner, Owner::new);
    }

    private void add(Job job) {
        Owner owner = owner(job);
        remove(owner);
        owner.waiting.add(job);
        enter(owner);
        size++;
    }

    private void remove(Owner owner) {
        if (owner.waiting.isEmpty()) return;
        if (!idle.remove(owner)) busy.remove(owner);
    }

    private void enter(Owner owner) {
        if (owner.waiting.isEmpty()) return;
        if (owner.converting == 0) idle.add(owner);
        else if (maxConcurrent == 0 || owner.converting < maxConcurrent) busy.add(owner);
    }
}
