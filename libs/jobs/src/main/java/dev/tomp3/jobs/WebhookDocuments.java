package dev.tomp3.jobs;

import static org.springframework.data.mongodb.core.query.Criteria.where;
import static org.springframework.data.mongodb.core.query.Query.query;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.mongodb.client.model.IndexModel;
import com.mongodb.client.model.IndexOptions;
import com.mongodb.client.model.Indexes;
import dev.tomp3.jobs.Webhook.Event;
import dev.tomp3.jobs.WebhookDelivery.Status;
import dev.tomp3.jobs.mongo.IndexBuild;
import dev.tomp3.platform.Dependency.UnusableException;
import java.time.Instant;
import java.util.List;
import org.springframework.data.domain.Sort;
import org.springframework.data.domain.Sort.Direction;
import org.springframework.data.mongodb.core.FindAndModifyOptions;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import tools.jackson.databind.json.JsonMapper;

/** The collections of webhooks and deliveries: their indexes, and what several writers share. */
final class WebhookDocuments {
    static final FindAndModifyOptions RETURN_AFTER = FindAndModifyOptions.options().returnNew(true);

    /** Newest first. */
    static final Sort LATEST = Sort.by(Direction.DESC, "createdAt", "_id");

    /**
     * Deliveries that an owner sees of one webhook; older ones are removed once they are settled.
     */
    static final int LISTED = 50;

    @JsonPropertyOrder({"type", "timestamp", "data"})
    private record Body(String type, Instant timestamp, Object data) {}

    private WebhookDocuments() {}

    static WebhookDelivery pending(
            String webhook, String subject, Event event, String body, Instant now) {
        return new WebhookDelivery(
                "msg_" + subject + "-" + webhook,
                webhook,
                event,
                body,
                Status.PENDING,
                0,
                0,
                now,
                null,
                now);
    }

    static String body(JsonMapper json, Event event, Instant timestamp, Object data) {
        return json.writeValueAsString(new Body(event.wire(), timestamp, data));
    }

    static void createIndexes(MongoTemplate mongo) throws UnusableException {
        new IndexBuild(
                        mongo.getDb(),
                        mongo.getCollectionName(Webhook.class),
                        List.of(
                                new IndexModel(Indexes.ascending("owner._id", "_id")),
                                new IndexModel(
                                        Indexes.ascending("noticeDue"),
                                        new IndexOptions().sparse(true))))
                .run();
        new IndexBuild(
                        mongo.getDb(),
                        mongo.getCollectionName(WebhookDelivery.class),
                        List.of(
                                // skips those of busy webhooks without reading them
                                new IndexModel(Indexes.ascending("due", "webhook")),
                                new IndexModel(
                                        Indexes.compoundIndex(
                                                Indexes.ascending("webhook"),
                                                Indexes.descending("createdAt", "_id"))),
                                new IndexModel(Indexes.ascending("createdAt"))))
                .run();
    }

    /**
     * Settles what was not sent to a webhook that was disabled; a running attempt changes nothing.
     */
    static void cancelPending(MongoTemplate mongo, String webhook) {
        Query pending = query(where("webhook").is(webhook).and("status").is(Status.PENDING));
        mongo.updateMulti(
                pending,
                new Update().set("status", Status.CANCELLED).unset("due"),
                WebhookDelivery.class);
    }
}
