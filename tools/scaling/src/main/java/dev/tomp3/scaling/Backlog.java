package dev.tomp3.scaling;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The jobs that wait, and which is the next: the rules of the contract's {@code Jobs}.
 *
 * <ol>
 *   <li>An owner who has no job converting, and was not the last one served, comes first.
 *   <li>Otherwise the first turn; an owner's next job has the turn after the owner's last one, or
 *       that being served, whichever is later.
 *   <li>Owners at their limit are passed over.
 * </ol>
 */
final class Backlog {
    /** In which order jobs are taken. */
    enum Order {
        FAIR,
        FIRST_COME
    }

    private static final class Owner {
        final int id;
        final PriorityQueue<Job> waiting =
                new PriorityQueue<>(
                        Comparator.comparingLong((Job job) -> job.turn)
                                .thenComparingLong(job -> job.id));
        long nextTurn;
        int converting;

        Owner(int id) {
            this.id = id;
        }

        Job head() {
            Job head = waiting.peek();
            if (head == null) throw new IllegalStateException("Owner " + id + " waits for nothing");
            return head;
        }
    }

    private static final Comparator<Owner> BY_TURN =
            Comparator.comparingLong((Owner owner) -> owner.head().turn)
                    .thenComparingLong(owner -> owner.head().id);

    private final Order order;
    private final int mostAtOnce;
    private final Map<Integer, Owner> owners = new HashMap<>();
    private final TreeSet<Owner> idle = new TreeSet<>(BY_TURN);
    private final TreeSet<Owner> busy = new TreeSet<>(BY_TURN);
    private long served;
    private @Nullable Owner lastServed;
    private int size;

    /**
     * @param mostAtOnce of one owner; 0 for any number
     */
    Backlog(Order order, int mostAtOnce) {
        this.order = order;
        this.mostAtOnce = mostAtOnce;
    }

    int size() {
        return size;
    }

    void accept(Job job) {
        if (order == Order.FAIR) {
            Owner owner = owner(job);
            job.turn = Math.max(owner.nextTurn, served);
            owner.nextTurn = job.turn + 1;
        }
        add(job);
    }

    /** It keeps its turn. */
    void giveBack(Job job) {
        settled(job);
        add(job);
    }

    /** It was done. */
    void settled(Job job) {
        Owner owner = owner(job);
        remove(owner);
        owner.converting--;
        enter(owner);
    }

    /** The next one, if there is one that may be taken. */
    @Nullable Job take() {
        Owner next = next();
        if (next == null) return null;
        remove(next);
        Job job = next.waiting.remove();
        next.converting++;
        enter(next);
        size--;
        served = Math.max(served, job.turn);
        lastServed = next;
        return job;
    }

    private @Nullable Owner next() {
        if (order == Order.FAIR) {
            for (Owner owner : idle) if (owner != lastServed) return owner;
        }
        if (idle.isEmpty()) return busy.isEmpty() ? null : busy.first();
        if (busy.isEmpty()) return idle.first();
        return BY_TURN.compare(idle.first(), busy.first()) < 0 ? idle.first() : busy.first();
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
        else if (mostAtOnce == 0 || owner.converting < mostAtOnce) busy.add(owner);
    }
}
