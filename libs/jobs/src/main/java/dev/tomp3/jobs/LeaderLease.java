package dev.tomp3.jobs;

import static org.springframework.data.mongodb.core.query.Criteria.where;
import static org.springframework.data.mongodb.core.query.Query.query;

import dev.tomp3.platform.NanoClock;
import java.time.Duration;
import java.util.UUID;
import org.bson.Document;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * Elects one sweeper of many.
 *
 * <ol>
 *   <li>One document names the leader. Each time the leader asks whether it leads, it increments
 *       the document's heartbeat.
 *   <li>Every other process watches the heartbeat by its own monotonic clock.
 *   <li>When the heartbeat has stood still for {@link Timing#leader()}, a process replaces the
 *       leader, in one update that names the heartbeat it saw.
 * </ol>
 *
 * Two leaders at once are possible for a moment and do no harm: every step of the sweeper names the
 * state that it changes.
 */
final class LeaderLease {
    private static final String COLLECTION = "leader";
    private static final String ID = "sweeper";

    private final MongoTemplate mongo;
    private final Timing timing;
    private final StaleHeartbeatDetector detector;
    private final String self = UUID.randomUUID().toString();
    private volatile boolean mayTakeOver;

    LeaderLease(MongoTemplate mongo, Timing timing, NanoClock nanoClock) {
        this.mongo = mongo;
        this.timing = timing;
        this.detector = new StaleHeartbeatDetector(nanoClock);
    }

    /** Whether this process leads; renews the lease if it does, and takes a stale one over. */
    synchronized boolean isHeld() {
        if (renew()) return true;
        Document lease = mongo.findById(ID, Document.class, COLLECTION);
        if (lease == null) return insert();
        Duration stale = detector.staleFor(ID, lease);
        mayTakeOver = stale.compareTo(timing.leaderDoubt()) >= 0;
        return stale.compareTo(timing.leader()) >= 0 && replace(lease);
    }

    /** Whether this process may lead soon, as the leader's heartbeat stands still. */
    boolean mayTakeOver() {
        return mayTakeOver;
    }

    private boolean renew() {
        Query own = query(where("_id").is(ID).and("holder").is(self));
        return mongo.updateFirst(own, new Update().inc("heartbeat", 1), COLLECTION)
                        .getMatchedCount()
                == 1;
    }

    private boolean insert() {
        try {
            mongo.insert(
                    new Document("_id", ID).append("holder", self).append("heartbeat", 0L),
                    COLLECTION);
            return true;
        } catch (DuplicateKeyException e) {
            return false;
        }
    }

    private boolean replace(Document lease) {
        Query unchanged =
                query(
                        where("_id")
                                .is(ID)
                                .and("holder")
                                .is(lease.get("holder"))
                                .and("heartbeat")
                                .is(lease.get("heartbeat")));
        Update taken = new Update().set("holder", self).set("heartbeat", 0L);
        return mongo.updateFirst(unchanged, taken, COLLECTION).getModifiedCount() == 1;
    }
}
