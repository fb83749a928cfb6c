package dev.tomp3.jobs;

import static org.springframework.data.mongodb.core.query.Criteria.where;
import static org.springframework.data.mongodb.core.query.Query.query;

import dev.tomp3.jobs.Job.Owner;
import dev.tomp3.jobs.Webhook.Disabled;
import dev.tomp3.jobs.Webhook.Event;
import dev.tomp3.jobs.Webhook.Secret;
import dev.tomp3.jobs.WebhookDelivery.Status;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import tools.jackson.databind.json.JsonMapper;

/** The webhooks of users, and what their owners may do with them. */
public final class Webhooks {
    public static final int MAX_PER_OWNER = 10;

    /** How long a replaced secret still signs. */
    public static final Duration OVERLAP = Duration.ofHours(24);

    /** Each of them adds a signature to every request. */
    private static final int MAX_SECRETS = 5;

    /** Tests that wait at the same time, so that nobody floods a stranger through a webhook. */
    private static final int MAX_PENDING_TESTS = 5;

    private static final String PREFIX = "whsec_";
    private static final int SECRET_BYTES = 32;

    private final MongoTemplate mongo;
    private final JsonMapper json;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    Webhooks(MongoTemplate mongo, JsonMapper json, Clock clock) {
        this.mongo = mongo;
        this.json = json;
        this.clock = clock;
    }

    /**
     * A new webhook. It is stored before it is counted, so that concurrent requests never exceed
     * the limit together.
     *
     * @return empty when the owner has {@link #MAX_PER_OWNER} already
     */
    public Optional<Webhook> create(
            Owner owner, String url, List<Event> events, @Nullable String description) {
        Webhook webhook =
                new Webhook(
                        new ObjectId().toHexString(),
                        owner,
                        url,
                        events,
                        description,
                        List.of(new Secret(secret(), null)),
                        null,
                        null,
                        null,
                        0,
                        now());
        mongo.insert(webhook);
        if (mongo.count(ofOwner(owner.id()), Webhook.class) <= MAX_PER_OWNER)
            return Optional.of(webhook);
        mongo.remove(query(where("_id").is(webhook.id())), Webhook.class);
        return Optional.empty();
    }

    private String secret() {
        byte[] bytes = new byte[SECRET_BYTES];
        random.nextBytes(bytes);
        return PREFIX + Base64.getEncoder().encodeToString(bytes);
    }

    /** Oldest first. */
    public List<Webhook> list(String owner) {
        return mongo.find(ofOwner(owner).with(Sort.by("_id")), Webhook.class);
    }

    /** Empty also when it is another owner's. */
    public Optional<Webhook> find(String id, String owner) {
        return Optional.ofNullable(mongo.findOne(query(owned(id, owner)), Webhook.class));
    }

    /**
     * What an owner changes; null leaves a field as it is.
     *
     * @param description empty removes it
     * @param disabled false enables a webhook again, also one that the service disabled
     */
    public record Change(
            @Nullable String url,
            @Nullable List<Event> events,
            @Nullable String description,
            @Nullable Boolean disabled) {}

    /**
     * Changes a webhook. What waits to be sent to it goes to the new address; when the webhook is
     * disabled, it is cancelled.
     *
     * @return the webhook after it; empty when the owner has none of this id
     */
    public Optional<Webhook> change(String id, Owner owner, Change change) {
        // the owner's address may have been confirmed in the meantime
        Update update = new Update().set("owner", owner);
        if (change.url() != null) update.set("url", change.url());
        if (change.events() != null) update.set("events", change.events());
        if (change.description() != null) {
            if (change.description().isEmpty()) update.unset("description");
            else update.set("description", change.description());
        }
        boolean disable = Boolean.TRUE.equals(change.disabled());
        if (disable) update.set("disabled", Disabled.OWNER).unset("noticeDue");
        else if (change.disabled() != null) update.unset("disabled").unset("noticeDue");
        Webhook changed =
                mongo.findAndModify(
                        query(owned(id, owner.id())),
                        update,
                        WebhookDocuments.RETURN_AFTER,
                        Webhook.class);
        if (changed != null && disable) WebhookDocuments.cancelPending(mongo, id);
        return Optional.ofNullable(changed);
    }

    /**
     * Deletes a webhook and its deliveries.
     *
     * @return false when the owner has none of this id
     */
    public boolean delete(String id, String owner) {
        // a notifier that adds a delivery in between finds no webhook, and removes it
        boolean deleted =
                mongo.remove(query(owned(id, owner)), Webhook.class).getDeletedCount() == 1;
        if (deleted) mongo.remove(query(where("webhook").is(id)), WebhookDelivery.class);
        return deleted;
    }

    /** The same for all webhooks of an owner whose account is deleted. */
    public void deleteAllOf(String owner) {
        list(owner).forEach(webhook -> delete(webhook.id(), owner));
    }

    /**
     * Gives the webhook another secret. The replaced one signs as well, for {@link #OVERLAP}.
     *
     * @return empty when the webhook is gone, was changed at the same time, or has had too many
     *     secrets within that time
     */
    public Optional<Webhook> rotate(Webhook webhook) {
        Instant now = now();
        List<Secret> secrets = new ArrayList<>();
        secrets.add(new Secret(secret(), null));
        for (Secret old : webhook.secrets()) {
            if (old.until() == null) secrets.add(new Secret(old.value(), now.plus(OVERLAP)));
            else if (old.isValidAt(now)) secrets.add(old);
        }
        if (secrets.size() > MAX_SECRETS) return Optional.empty();
        Query unchanged =
                query(
                        owned(webhook.id(), webhook.owner().id())
                                .and("secrets.0.value")
                                .is(webhook.secrets().getFirst().value()));
        return Optional.ofNullable(
                mongo.findAndModify(
                        unchanged,
                        new Update().set("secrets", secrets),
                        WebhookDocuments.RETURN_AFTER,
                        Webhook.class));
    }

    /**
     * Sends an example to the webhook, once.
     *
     * @return empty when too many are waiting already
     */
    public Optional<WebhookDelivery> test(Webhook webhook) {
        Query waiting =
                query(
                        where("webhook")
                                .is(webhook.id())
                                .and("status")
                                .is(Status.PENDING)
                                .and("event")
                                .is(Event.TEST));
        if (mongo.count(waiting, WebhookDelivery.class) >= MAX_PENDING_TESTS)
            return Optional.empty();
        WebhookDelivery test =
                WebhookDocuments.pending(
                        webhook.id(),
                        new ObjectId().toHexString(),
                        Event.TEST,
                        WebhookDocuments.body(
                                json, Event.TEST, now(), Map.of("webhook", webhook.id())),
                        now());
        return Optional.of(mongo.insert(test));
    }

    /** The latest deliveries of a webhook, newest first. */
    public List<WebhookDelivery> deliveries(Webhook webhook) {
        return mongo.find(
                query(where("webhook").is(webhook.id()))
                        .with(WebhookDocuments.LATEST)
                        .limit(WebhookDocuments.LISTED),
                WebhookDelivery.class);
    }

    /**
     * Sends a delivery again, at once, with all attempts of the schedule, also if it succeeded.
     *
     * @return empty when the webhook has no such delivery
     */
    public Optional<WebhookDelivery> replay(Webhook webhook, String delivery) {
        Query which = query(where("_id").is(delivery).and("webhook").is(webhook.id()));
        Update update =
                new Update()
                        .set("status", Status.PENDING)
                        .set("tries", 0)
                        // a running attempt changes nothing any more
                        .inc("claim", 1)
                        .set("due", now());
        return Optional.ofNullable(
                mongo.findAndModify(
                        which, update, WebhookDocuments.RETURN_AFTER, WebhookDelivery.class));
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    private static Query ofOwner(String owner) {
        return query(where("owner.id").is(owner));
    }

    private static Criteria owned(String id, String owner) {
        return where("_id").is(id).and("owner.id").is(owner);
    }
}
