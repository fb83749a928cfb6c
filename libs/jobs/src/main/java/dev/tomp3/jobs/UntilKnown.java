package dev.tomp3.jobs;

import dev.tomp3.platform.NanoClock;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;

/**
 * Settles ambiguous outcomes. A write whose answer is lost, because the connection broke, the
 * primary stepped down or the majority lags, may have been carried out or not: it is neither a
 * success nor a failure. So the question is repeated until it is answered, or for {@link #LIMIT}
 * after its first failure. What is asked must recognise a state that an earlier try has made.
 */
final class UntilKnown {
    /** Longer than the election of another primary takes. */
    static final Duration LIMIT = Duration.ofSeconds(30);

    private static final Logger log = LoggerFactory.getLogger(UntilKnown.class);
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final NanoClock CLOCK = NanoClock.system();

    private UntilKnown() {}

    /**
     * Asks until there is an answer.
     *
     * @throws DataAccessException when there was none in time, or when the thread was interrupted
     */
    static <T> T ask(Supplier<T> question) {
        long failed = 0;
        for (int tries = 1; ; tries++) {
            try {
                return question.get();
            } catch (DataIntegrityViolationException e) {
                throw e; // an answer
            } catch (DataAccessException e) {
                if (tries == 1) failed = CLOCK.nanoTime();
                if (CLOCK.since(failed).compareTo(LIMIT) > 0) throw e;
                log.debug("The outcome of an operation is not known yet: {}", e.toString());
                try {
                    Thread.sleep(PAUSE);
                } catch (InterruptedException stop) {
                    Thread.currentThread().interrupt();
                    throw e;
                }
            }
        }
    }
}
