package dev.tomp3.jobs.media;

import com.mongodb.MongoConnectionPoolClearedException;
import com.mongodb.MongoException;
import com.mongodb.MongoInterruptedException;
import com.mongodb.MongoNodeIsRecoveringException;
import com.mongodb.MongoNotPrimaryException;
import com.mongodb.MongoSecurityException;
import com.mongodb.MongoServerUnavailableException;
import com.mongodb.MongoSocketException;
import com.mongodb.MongoTimeoutException;
import com.mongodb.MongoWriteConcernException;
import com.mongodb.client.MongoCollection;
import dev.tomp3.platform.NanoClock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.bson.Document;

/**
 * A write of a file to MongoDB, which is repeated while another primary is elected: an upload goes
 * on after an election.
 */
final class RepeatedWrite {
    /** How long a write waits for a primary: longer than the election of another one takes. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** How long a write waits for one answer, before it asks for another one. */
    private static final Duration TRY = Duration.ofSeconds(10);

    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final NanoClock CLOCK = NanoClock.system();

    private RepeatedWrite() {}

    /**
     * Writes until it is known that the write was carried out: a write whose answer is lost is
     * repeated in a form that does no harm if it was. Gives up when nobody wants the file any more.
     */
    static void run(
            MongoCollection<Document> collection,
            BooleanSupplier wanted,
            Consumer<MongoCollection<Document>> first,
            Consumer<MongoCollection<Document>> again) {
        long start = CLOCK.nanoTime();
        Consumer<MongoCollection<Document>> write = first;
        while (true) {
            try {
                write.accept(once(collection));
                return;
            } catch (MongoException e) {
                boolean late = CLOCK.since(start).compareTo(PATIENCE.minus(PAUSE)) > 0;
                if (late || !isOutage(e) || !wanted.getAsBoolean()) throw e;
            }
            write = again;
            try {
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new MongoInterruptedException("interrupted while waiting", e);
            }
        }
    }

    /** A collection of which each answer is awaited as long as that of one try. */
    static MongoCollection<Document> once(MongoCollection<Document> collection) {
        return collection.withTimeout(TRY.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Whether another primary may answer, or the same one later. */
    private static boolean isOutage(MongoException e) {
        return e instanceof MongoTimeoutException
                || e instanceof MongoSocketException
                || e instanceof MongoNotPrimaryException
                || e instanceof MongoNodeIsRecoveringException
                || e instanceof MongoWriteConcernException
                || e instanceof MongoServerUnavailableException
                || e instanceof MongoConnectionPoolClearedException
                // a new connection broke during its login; a wrong password has another cause
                || (e instanceof MongoSecurityException
                        && e.getCause() instanceof MongoException cause
                        && isOutage(cause));
    }
}
