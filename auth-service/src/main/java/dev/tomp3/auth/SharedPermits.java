package dev.tomp3.auth;

import dev.tomp3.platform.ClientNetwork;
import dev.tomp3.platform.NanoClock;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Permits for something scarce, of which one client address has a share: a client in a loop waits
 * for its own requests, and no more of them than its share wait in front of those of others.
 * Requests get permits in the order in which they came, and give up after a while, so that they do
 * not queue up without limit.
 *
 * <p>An address is an IPv4 address, or the first 64 bits of an IPv6 address.
 */
final class SharedPermits {
    private final Semaphore all;
    private final int perAddress;
    private final Duration maxWait;
    private final NanoClock clock;

    /** The shares of addresses that have requests. */
    private final ConcurrentMap<String, Share> shares = new ConcurrentHashMap<>();

    private record Share(Semaphore permits, AtomicInteger requests) {}

    /**
     * @param all permits there are
     * @param perAddress the share; of several permits less than all, or one address takes them all
     * @param maxWait for the permit of the address and one of all together
     */
    SharedPermits(int all, int perAddress, Duration maxWait, NanoClock clock) {
        this.all = new Semaphore(all, true);
        this.perAddress = perAddress;
        this.maxWait = maxWait;
        this.clock = clock;
    }

    /** To be closed when the work is done. */
    interface Permit extends AutoCloseable {
        @Override
        void close();
    }

    Duration maxWait() {
        return maxWait;
    }

    /**
     * A permit for work that no client asked for.
     *
     * @return empty when there is none in time, or the thread is interrupted
     */
    Optional<Permit> acquire() {
        return acquired(all, maxWait) ? Optional.of(all::release) : Optional.empty();
    }

    /**
     * A permit for a request of this address.
     *
     * @return empty when there is none in time, or the thread is interrupted
     */
    Optional<Permit> acquire(String address) {
        long start = clock.nanoTime();
        String network = ClientNetwork.of(address);
        Semaphore own = enter(network);
        if (!acquired(own, maxWait)) {
            leave(network);
            return Optional.empty();
        }
        if (!acquired(all, maxWait.minus(clock.since(start)))) {
            own.release();
            leave(network);
            return Optional.empty();
        }
        return Optional.of(() -> {
            all.release();
            own.release();
            leave(network);
        });
    }

    private Semaphore enter(String network) {
        Share share =
                shares.compute(
                        network,
                        (_, known) -> {
                            Share used =
                                    known == null
                                            ? new Share(
                                                    new Semaphore(perAddress, true),
                                                    new AtomicInteger())
                                            : known;
                            used.requests().incrementAndGet();
                            return used;
                        });
        return Objects.requireNonNull(share).permits();
    }

    private void leave(String network) {
        shares.computeIfPresent(
                network, (_, share) -> share.requests().decrementAndGet() == 0 ? null : share);
    }

    private static boolean acquired(Semaphore permits, Duration wait) {
        try {
            return permits.tryAcquire(wait.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
