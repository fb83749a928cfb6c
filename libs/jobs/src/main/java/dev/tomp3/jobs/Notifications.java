package dev.tomp3.jobs;

import static org.springframework.data.mongodb.core.query.Criteria.where;
import static org.springframework.data.mongodb.core.query.Query.query;

import dev.tomp3.jobs.Job.Notification.Channel;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.bson.types.ObjectId;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * Whether the owners of settled jobs were told. Settling a job records, in the same update, that a
 * notification is to be sent; the notifier records that it was sent, after the effect. Until then
 * the sweeper publishes the event again and again, so that no owner is left without an answer.
 *
 * <p>{@link #claim} gives the notification to one notifier, so that the copies of an event send one
 * mail and make one attempt. If the notifier is lost, the claim ends by itself.
 */
public final class Notifications {
    private static final String SENT = "notification.sent";
    private static final String DUE = "notification.due";
    private static final String TOLD = "notification.told";

    private static final String CLAIMED_BY = "notification.claimedBy";
    private static final String CLAIMED_UNTIL = "notification.claimedUntil";
    private static final String RETRY = "notification.retry";

    /** Longer than a mail server may take for all its answers. */
    static final Duration CLAIM = Duration.ofMinutes(1);

    /** A delayed message may come a little before its time. */
    private static final Duration EARLY = Duration.ofSeconds(1);

    private final JobDocuments impatient;
    private final JobDocuments documents;
    private final Clock clock;
    private final Timing timing;

    Notifications(JobDocuments documents, Clock clock, Timing timing) {
        this.impatient = documents;
        this.documents = documents.patient();
        this.clock = clock;
        this.timing = timing;
    }

    /**
     * Takes the notification, until it is recorded as sent or to be retried, or for {@link #CLAIM}.
     * A notifier that did not get the answer may ask again.
     *
     * @return empty when there is nothing to be told, another notifier is at it, or it is to be
     *     retried later
     */
    public Optional<Job> claim(String id, String notifier) {
        if (!ObjectId.isValid(id)) return Optional.empty();
        Instant now = clock.instant();
        Criteria due = new Criteria().orOperator(where(RETRY).isNull(), where(RETRY).lte(now));
        Criteria free =
                new Criteria()
                        .orOperator(
                                where(CLAIMED_BY).in(null, notifier),
                                where(CLAIMED_UNTIL).lte(now));
        return impatient.changeFirst(
                unsent(id).addCriteria(new Criteria().andOperator(due, free)),
                new Update().set(CLAIMED_BY, notifier).set(CLAIMED_UNTIL, now.plus(CLAIM)));
    }

    /** The owner was told, and is not told again. */
    public void sent(String id) {
        // a record that is lost would repeat the mail
        boolean _ =
                UntilKnown.ask(() -> documents.change(unsent(id), new Update().set(SENT, true)));
    }

    /** A channel was told, and is not told again while others fail. */
    public void told(String id, Channel channel) {
        Update update = new Update().addToSet(TOLD, channel);
        boolean _ = UntilKnown.ask(() -> documents.change(unsent(id), update));
    }

    /**
     * The owner could not be told.
     *
     * @param delay when the notifier tries again by itself
     * @param told channels that are not told again then
     */
    public void retryLater(String id, Duration delay, Channel... told) {
        Instant again = clock.instant().plus(delay);
        Update update = new Update();
        if (told.length > 0) update.addToSet(TOLD).each((Object[]) told);
        documents.change(
                unsent(id),
                update.inc("notification.tries", 1)
                        .unset(CLAIMED_BY)
                        .set(RETRY, again.minus(EARLY))
                        .set(DUE, again.plus(timing.notification())));
    }

    /**
     * Jobs whose owners should have been told by now. Each becomes due again later, so that a
     * backlog is published slowly.
     */
    List<Job> overdue(int limit) {
        Instant now = clock.instant();
        List<Job> overdue =
                documents
                        .mongo()
                        .find(
                                query(where(SENT).is(false).and(DUE).lte(now)).limit(limit),
                                Job.class);
        for (Job job : overdue) {
            documents.change(
                    unsent(job.id()), new Update().set(DUE, now.plus(timing.notification())));
        }
        return overdue;
    }

    private static Query unsent(String id) {
        return query(JobDocuments.id(id).and(SENT).is(false));
    }
}
