package dev.tomp3.gateway;

import dev.tomp3.jobs.media.HeapBudget;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.stereotype.Component;

/**
 * Limits the uploads and downloads of one user that run at the same time on this gateway, and the
 * heap that those of all users take. Nobody can hold so many slow transfers that others find no
 * memory.
 */
@Component
class Transfers {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

    /** Buffers of one transfer besides the chunks of the media store. */
    static final int BUFFERS = 256 * 1024;

    private final int maxPerUser;
    private final HeapBudget heap;
    private final ConcurrentMap<String, Integer> running = new ConcurrentHashMap<>();

    Transfers(GatewayProperties properties, HeapBudget heap) {
        this.maxPerUser = properties.maxTransfersPerUser();
        this.heap = heap;
    }

    /** A running transfer, until it is closed for the first time. */
    interface Transfer extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * @param user the id of the user for whom it is
     * @throws ProblemException 429 when the user has too many, 503 when there is no memory
     */
    Transfer begin(String user) {
        int count = running.merge(user, 1, Integer::sum);
        boolean begun = false;
        try {
            if (maxPerUser > 0 && count > maxPerUser) {
                throw new ProblemException(
                        Problem.TOO_MANY_REQUESTS,
                        "At most "
                                + maxPerUser
                                + " uploads and downloads of one user run at the same time.",
                        RETRY_AFTER);
            }
            heap.acquire(BUFFERS);
            begun = true;
        } catch (IOException e) {
            throw new ProblemException(Problem.UNAVAILABLE, e.getMessage() + ".", RETRY_AFTER);
        } finally {
            if (!begun) end(user);
        }
        AtomicBoolean ended = new AtomicBoolean();
        return () -> {
            if (ended.getAndSet(true)) return;
            heap.release(BUFFERS);
            end(user);
        };
    }

    private void end(String user) {
        running.computeIfPresent(user, (_, count) -> count == 1 ? null : count - 1);
    }
}
