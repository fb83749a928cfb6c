package dev.tomp3.jobs;

import static org.springframework.data.mongodb.core.query.Criteria.where;
import static org.springframework.data.mongodb.core.query.Query.query;

import com.mongodb.client.result.UpdateResult;
import dev.tomp3.jobs.Webhook.Disabled;
import dev.tomp3.jobs.Webhook.Event;
import dev.tomp3.jobs.WebhookDelivery.Attempt;
import dev.tomp3.jobs.WebhookDelivery.Status;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.bson.types.ObjectId;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is to be sent to webhooks, for the notifier.
 *
 * <ol>
 *   <li>{@link #record} stores one delivery for each webhook of the owner. Its id is made of those
 *       of the job and the webhook, so that a message that comes twice adds nothing.
 *   <li>{@link #claim} gives a delivery that is due to one notifier, for {@link #CLAIM}. If the
 *       notifier is lost, the delivery is due again afterwards.
 *   <li>{@link #delivered}, {@link #retry}, {@link #failed} and {@link #failedAndDisabled} say what
 *       became of it. Each names the claim: a late notifier changes nothing.
 * </ol>
 *
 * <p>A receiver that is told something for a second time, because the record of the first time was
 * lost, recognises the id.
 */
public final class WebhookDeliveries {
    /** Longer than an attempt takes, and its record after a failover of the store. */
    static final Duration CLAIM = Duration.ofSeconds(90);

    /** How long a settled delivery is kept; of each webhook, only the latest ones. */
    private static final Duration KEEP = Duration.ofDays(30);

    /** A delivery and the webhook that it goes to. */
    public record Claimed(WebhookDelivery delivery, Webhook webhook) {}

    private final MongoTemplate mongo;
    private final JsonMapper json;
    private final Clock clock;
    private final Duration keepMp3;

    /**
     * Deliveries of the webhooks in the database.
     *
     * @param keepMp3 from which a receiver learns when the MP3 will be deleted
     */
    WebhookDeliveries(MongoTemplate mongo, JsonMapper json, Clock clock, Duration keepMp3) {
        this.mongo = mongo;
        this.json = json;
        this.clock = clock;
        this.keepMp3 = keepMp3;
    }

    /**
     * Stores what the owner's webhooks are to be told of a job that is settled.
     *
     * @return how many webhooks that are
     */
    public int record(Job job) {
        Event event = job.failure() == null ? Event.JOB_DONE : Event.JOB_FAILED;
        Criteria enabled =
                where("owner.id")
                        .is(job.owner().id())
                        .and("disabled")
                        .exists(false)
                        .and("events")
                        .is(event);
        List<Webhook> webhooks = mongo.find(query(enabled), Webhook.class);
        if (webhooks.isEmpty()) return 0;
        Instant settled = Objects.requireNonNullElse(job.finishedAt(), job.createdAt());
        JobView view = JobView.of(job).with(keepMp3, null);
        String body = WebhookDocuments.body(json, event, settled, view);
        for (Webhook webhook : webhooks) {
            try {
                mongo.insert(WebhookDocuments.pending(webhook.id(), job.id(), event, body, now()));
            } catch (DuplicateKeyException e) {
                continue; // an earlier message about this job
            }
            removeSurplus(webhook.id());
        }
        return webhooks.size();
    }

    private void removeSurplus(String webhook) {
        List<String> surplus =
                mongo
                        .find(
                                query(where("webhook").is(webhook).and("due").exists(false))
                                        .with(WebhookDocuments.LATEST)
                                        .skip(WebhookDocuments.LISTED)
                                        .limit(WebhookDocuments.LISTED),
                                WebhookDelivery.class)
                        .stream()
                        .map(WebhookDelivery::id)
                        .toList();
        if (!surplus.isEmpty())
            mongo.remove(query(where("_id").in(surplus)), WebhookDelivery.class);
    }

    /** Removes deliveries that were kept long enough. */
    public void removeOld() {
        Instant before = clock.instant().minus(KEEP);
        mongo.remove(
                query(where("createdAt").lt(before).and("due").exists(false)),
                WebhookDelivery.class);
    }

    /**
     * Takes the delivery that is due for longest; counts an attempt.
     *
     * @param busy webhooks to which nothing may be sent now
     */
    public Optional<Claimed> claim(Collection<String> busy) {
        while (true) {
            Instant now = clock.instant();
            Criteria due = where("due").lte(now);
            if (!busy.isEmpty()) due.and("webhook").nin(busy);
            WebhookDelivery delivery =
                    mongo.findAndModify(
                            query(due).with(Sort.by("due")),
                            new Update()
                                    .inc("tries", 1)
                                    .inc("claim", 1)
                                    .set("due", now.plus(CLAIM)),
                            WebhookDocuments.RETURN_AFTER,
                            WebhookDelivery.class);
            if (delivery == null) return Optional.empty();
            Webhook webhook = mongo.findById(delivery.webhook(), Webhook.class);
            if (webhook == null) {
                mongo.remove(query(where("_id").is(delivery.id())), WebhookDelivery.class);
            } else if (webhook.disabled() != null) {
                WebhookDocuments.cancelPending(mongo, webhook.id());
            } else {
                return Optional.of(new Claimed(delivery, webhook));
            }
        }
    }

    /** The receiver has accepted it. */
    public void delivered(WebhookDelivery delivery, Attempt attempt) {
        settle(delivery, Status.DELIVERED, attempt);
    }

    /** It is tried again after the delay. */
    public void retry(WebhookDelivery delivery, Attempt attempt, Duration delay) {
        change(delivery, new Update().set("last", attempt).set("due", now().plus(delay)));
    }

    /** It is not tried again. */
    public void failed(WebhookDelivery delivery, Attempt attempt) {
        settle(delivery, Status.FAILED, attempt);
    }

    /**
     * It is not tried again, and neither is anything else at this webhook: the webhook is disabled,
     * what waits to be sent to it is cancelled, and its owner is to be told. If this stops
     * half-way, the delivery is due again after {@link #CLAIM}, or, with the webhook disabled
     * already, what waits is cancelled when it is claimed.
     *
     * <p>If the webhook has another address by now, it is not disabled, and the delivery is sent
     * there.
     *
     * @return whether the webhook was disabled
     */
    public boolean failedAndDisabled(Claimed claimed, Attempt attempt, Disabled reason) {
        WebhookDelivery delivery = claimed.delivery();
        Webhook tried = claimed.webhook();
        // a claim that has ended disables nothing, and this one does not end meanwhile
        if (!change(delivery, new Update().set("last", attempt).set("due", now().plus(CLAIM))))
            return false;
        Query enabled =
                query(
                        where("_id")
                                .is(tried.id())
                                .and("url")
                                .is(tried.url())
                                .and("disabled")
                                .exists(false));
        Update update =
                new Update()
                        .set("disabled", reason)
                        .set("notice", new ObjectId().toHexString())
                        .set("noticeDue", now())
                        .set("noticeTries", 0);
        var _ = UntilKnown.ask(() -> mongo.updateFirst(enabled, update, Webhook.class));
        Webhook now = mongo.findById(tried.id(), Webhook.class);
        if (now != null && now.disabled() == null) {
            change(delivery, new Update().set("due", now()).set("tries", 0));
            return false;
        }
        settle(delivery, Status.FAILED, attempt);
        WebhookDocuments.cancelPending(mongo, tried.id());
        return now != null;
    }

    private void settle(WebhookDelivery delivery, Status status, Attempt attempt) {
        change(delivery, new Update().set("last", attempt).set("status", status).unset("due"));
    }

    /** Returns false when the claim has ended, and another notifier has the delivery. */
    private boolean change(WebhookDelivery delivery, Update update) {
        Query claimed =
                query(
                        where("_id")
                                .is(delivery.id())
                                .and("claim")
                                .is(delivery.claim())
                                .and("status")
                                .is(Status.PENDING));
        // a record that is lost would repeat the request
        UpdateResult result =
                UntilKnown.ask(() -> mongo.updateFirst(claimed, update, WebhookDelivery.class));
        return result.getMatchedCount() > 0;
    }

    /** A disabled webhook whose owner is to be told; it becomes due again after the delay. */
    public Optional<Webhook> claimNotice(Duration delay) {
        return Optional.ofNullable(
                mongo.findAndModify(
                        query(where("noticeDue").lte(clock.instant())),
                        new Update().inc("noticeTries", 1).set("noticeDue", now().plus(delay)),
                        WebhookDocuments.RETURN_AFTER,
                        Webhook.class));
    }

    /** The owner was told, or cannot be told. */
    public void noticeSent(Webhook webhook) {
        Query told =
                query(where("_id").is(webhook.id()).and("noticeTries").is(webhook.noticeTries()));
        var _ =
                UntilKnown.ask(() ->
                        mongo.updateFirst(told, new Update().unset("noticeDue"), Webhook.class));
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
