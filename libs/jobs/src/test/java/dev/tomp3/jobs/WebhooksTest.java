package dev.tomp3.jobs;

import static dev.tomp3.jobs.Store.ADA;
import static dev.tomp3.jobs.Store.BOB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.jobs.Job.Owner;
import dev.tomp3.jobs.Webhook.Disabled;
import dev.tomp3.jobs.Webhook.Event;
import dev.tomp3.jobs.WebhookDeliveries.Claimed;
import dev.tomp3.jobs.WebhookDelivery.Attempt;
import dev.tomp3.jobs.WebhookDelivery.Status;
import dev.tomp3.jobs.Webhooks.Change;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What owners do with webhooks, and what the notifier does with their deliveries. */
@Tag("back-end")
class WebhooksTest {
    private static final List<Event> BOTH = List.of(Event.JOB_DONE, Event.JOB_FAILED);
    private static final Change NOTHING = new Change(null, null, null, null);
    private static final Change DISABLE = new Change(null, null, null, true);
    private static final Change ENABLE = new Change(null, null, null, false);

    private final Store store = new Store();
    private final JsonMapper json = new JsonMapper();
    private final Webhooks webhooks = new Webhooks(store.mongo, json, store.clock);
    private final WebhookDeliveries deliveries =
            new WebhookDeliveries(store.mongo, json, store.clock, Duration.ofDays(7));

    @BeforeEach
    void createIndexes() throws Exception {
        WebhookDocuments.createIndexes(store.mongo);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private Webhook webhook(Owner owner) {
        return webhooks.create(owner, "https://example.org/", BOTH, null).orElseThrow();
    }

    private Claimed claim() {
        return deliveries.claim(Set.of()).orElseThrow();
    }

    private Attempt attempt(int status) {
        return new Attempt(store.clock.instant(), status, null);
    }

    private WebhookDelivery only(Webhook webhook) {
        List<WebhookDelivery> all = webhooks.deliveries(webhook);
        assertThat(all).hasSize(1);
        return all.getFirst();
    }

    // ---- the owner

    @Test
    void a_webhook_is_its_owners_alone() {
        Webhook webhook = webhook(ADA);
        assertThat(webhooks.list("ada")).containsExactly(webhook);
        assertThat(webhooks.find(webhook.id(), "ada")).contains(webhook);
        assertThat(webhooks.list("bob")).isEmpty();
        assertThat(webhooks.find(webhook.id(), "bob")).isEmpty();
        assertThat(webhooks.change(webhook.id(), BOB, DISABLE)).isEmpty();
        assertThat(webhooks.delete(webhook.id(), "bob")).isFalse();
        assertThat(webhooks.find(webhook.id(), "ada")).contains(webhook);
    }

    @Test
    void an_owner_has_ten_webhooks_at_most() {
        for (int i = 0; i < Webhooks.MAX_PER_OWNER; i++) webhook(ADA);
        assertThat(webhooks.create(ADA, "https://example.org/", BOTH, null)).isEmpty();
        assertThat(webhooks.list("ada")).hasSize(Webhooks.MAX_PER_OWNER);
        webhook(BOB);
    }

    @Test
    void a_change_leaves_the_rest_as_it_is() {
        Webhook webhook = webhooks.create(ADA, "https://example.org/", BOTH, "mine").orElseThrow();
        assertThat(webhooks.change(webhook.id(), ADA, NOTHING)).contains(webhook);
        Webhook changed =
                webhooks.change(
                                webhook.id(),
                                ADA,
                                new Change("http://b.example/", List.of(Event.JOB_DONE), "", null))
                        .orElseThrow();
        assertThat(changed.url()).isEqualTo("http://b.example/");
        assertThat(changed.events()).containsExactly(Event.JOB_DONE);
        assertThat(changed.description()).isNull();
        assertThat(changed.secrets()).isEqualTo(webhook.secrets());
    }

    @Test
    void a_replaced_secret_signs_for_another_day() {
        Webhook webhook = webhook(ADA);
        String first = webhook.secrets().getFirst().value();
        Webhook rotated = webhooks.rotate(webhook).orElseThrow();
        String second = rotated.secrets().getFirst().value();
        assertThat(second).startsWith("whsec_").isNotEqualTo(first);
        Instant now = store.clock.instant();
        assertThat(rotated.secretsAt(now)).containsExactly(second, first);
        assertThat(rotated.secretsAt(now.plus(Webhooks.OVERLAP).minusMillis(1))).hasSize(2);
        assertThat(rotated.secretsAt(now.plus(Webhooks.OVERLAP))).containsExactly(second);
        assertThat(webhooks.rotate(webhook)).as("the same rotation twice").isEmpty();
    }

    @Test
    void five_secrets_sign_at_most_and_those_that_have_ended_are_removed() {
        Webhook webhook = webhook(ADA);
        for (int i = 0; i < 4; i++) webhook = webhooks.rotate(webhook).orElseThrow();
        assertThat(webhook.secretsAt(store.clock.instant())).hasSize(5);
        assertThat(webhooks.rotate(webhook)).isEmpty();
        store.clock.advance(Webhooks.OVERLAP);
        assertThat(webhooks.rotate(webhook).orElseThrow().secrets()).hasSize(2);
    }

    @Test
    void no_secret_is_in_the_words_for_a_log() {
        Webhook webhook = webhook(ADA);
        assertThat(webhook.toString()).contains(webhook.id()).doesNotContain("whsec_");
    }

    @Test
    void deleting_a_webhook_or_its_owner_deletes_its_deliveries() {
        Webhook one = webhook(ADA);
        Webhook other = webhook(ADA);
        Webhook bobs = webhook(BOB);
        deliveries.record(store.done(ADA));
        deliveries.record(store.done(BOB));
        assertThat(webhooks.delete(one.id(), "ada")).isTrue();
        assertThat(webhooks.deliveries(one)).isEmpty();
        assertThat(webhooks.deliveries(other)).hasSize(1);
        webhooks.deleteAllOf("ada");
        assertThat(store.mongo.findAll(Webhook.class)).containsExactly(bobs);
        assertThat(store.mongo.findAll(WebhookDelivery.class)).hasSize(1);
    }

    @Test
    void five_tests_wait_at_most() {
        Webhook webhook = webhook(ADA);
        for (int i = 0; i < 5; i++) assertThat(webhooks.test(webhook)).isPresent();
        assertThat(webhooks.test(webhook)).isEmpty();
        Claimed claimed = claim();
        deliveries.delivered(claimed.delivery(), attempt(200));
        assertThat(webhooks.test(webhook)).isPresent();
        assertThat(json.readTree(claimed.delivery().body()).at("/data/webhook").asString())
                .isEqualTo(webhook.id());
    }

    // ---- the notifier

    @Test
    void each_enabled_webhook_of_the_owner_that_wants_the_event_gets_a_delivery() {
        Webhook all = webhook(ADA);
        Webhook failures =
                webhooks.create(ADA, "https://f.example/", List.of(Event.JOB_FAILED), null)
                        .orElseThrow();
        Webhook off = webhook(ADA);
        webhooks.change(off.id(), ADA, DISABLE);
        Webhook bobs = webhook(BOB);
        Job done = store.done(ADA);
        assertThat(deliveries.record(done)).isEqualTo(1);
        assertThat(deliveries.record(store.failed(ADA))).isEqualTo(2);
        assertThat(webhooks.deliveries(all))
                .extracting(WebhookDelivery::event)
                .containsExactlyInAnyOrder(Event.JOB_DONE, Event.JOB_FAILED);
        assertThat(only(failures).event()).isEqualTo(Event.JOB_FAILED);
        assertThat(webhooks.deliveries(off)).isEmpty();
        assertThat(webhooks.deliveries(bobs)).isEmpty();
        assertThat(deliveries.record(done)).as("the message once more").isEqualTo(1);
        assertThat(webhooks.deliveries(all)).hasSize(2);
    }

    @Test
    void the_body_is_the_job_as_the_api_shows_it() {
        webhook(ADA);
        Job job = store.done(ADA);
        deliveries.record(job);
        JsonNode body = json.readTree(claim().delivery().body());
        assertThat(body.propertyNames()).containsExactly("type", "timestamp", "data");
        assertThat(body.get("type").asString()).isEqualTo("job.done");
        assertThat(Instant.parse(body.get("timestamp").asString())).isEqualTo(job.finishedAt());
        JobView shown = JobView.of(job).with(Duration.ofDays(7), null);
        assertThat(shown.expiresAt()).isNotNull();
        assertThat(body.get("data")).isEqualTo(json.readTree(json.writeValueAsString(shown)));
    }

    @Test
    void a_delivery_is_claimed_by_one_notifier_and_is_due_again_when_its_claim_ends() {
        webhook(ADA);
        deliveries.record(store.done(ADA));
        WebhookDelivery first = claim().delivery();
        assertThat(deliveries.claim(Set.of())).isEmpty();
        store.clock.advance(WebhookDeliveries.CLAIM);
        WebhookDelivery second = claim().delivery();
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(second.tries()).as("the lost attempt counts").isEqualTo(2);
        deliveries.delivered(first, attempt(200));
        assertThat(store.mongo.findById(first.id(), WebhookDelivery.class))
                .as("a late notifier changes nothing")
                .isEqualTo(second);
        deliveries.delivered(second, attempt(204));
        WebhookDelivery settled = store.mongo.findById(first.id(), WebhookDelivery.class);
        assertThat(settled.status()).isEqualTo(Status.DELIVERED);
        assertThat(settled.last()).isEqualTo(attempt(204));
        assertThat(settled.due()).isNull();
        store.clock.advance(Duration.ofDays(1));
        assertThat(deliveries.claim(Set.of())).isEmpty();
    }

    @Test
    void a_retry_is_due_after_its_delay() {
        Webhook webhook = webhook(ADA);
        deliveries.record(store.done(ADA));
        deliveries.retry(claim().delivery(), attempt(500), Duration.ofMinutes(5));
        assertThat(only(webhook).last()).isEqualTo(attempt(500));
        store.clock.advance(Duration.ofMinutes(5).minusMillis(1));
        assertThat(deliveries.claim(Set.of())).isEmpty();
        store.clock.advance(Duration.ofMillis(1));
        assertThat(claim().delivery().tries()).isEqualTo(2);
    }

    @Test
    void a_busy_webhook_holds_up_no_other() {
        Webhook busy = webhook(ADA);
        for (int i = 0; i < 3; i++) deliveries.record(store.done(ADA));
        Webhook bobs = webhook(BOB);
        deliveries.record(store.done(BOB));
        assertThat(deliveries.claim(Set.of(busy.id())).orElseThrow().webhook()).isEqualTo(bobs);
        assertThat(deliveries.claim(Set.of(busy.id()))).isEmpty();
        assertThat(claim().webhook()).isEqualTo(busy);
    }

    @Test
    void disabling_cancels_what_waits_and_enabling_does_not_revive_it() {
        Webhook webhook = webhook(ADA);
        deliveries.record(store.done(ADA));
        webhooks.change(webhook.id(), ADA, DISABLE);
        assertThat(only(webhook).status()).isEqualTo(Status.CANCELLED);
        assertThat(webhooks.change(webhook.id(), ADA, ENABLE).orElseThrow().disabled()).isNull();
        assertThat(deliveries.claim(Set.of())).isEmpty();
    }

    @Test
    void what_was_recorded_while_its_webhook_was_disabled_or_deleted_is_not_sent() {
        Webhook disabled = webhook(ADA);
        deliveries.record(store.done(ADA));
        webhooks.change(disabled.id(), ADA, DISABLE);
        store.mongo.updateMulti(
                new Query(),
                Update.update("status", Status.PENDING).set("due", store.clock.instant()),
                WebhookDelivery.class); // as a notifier leaves it that was just recording it
        assertThat(deliveries.claim(Set.of())).isEmpty();
        assertThat(only(disabled).status()).isEqualTo(Status.CANCELLED);
        Webhook deleted = webhook(ADA);
        deliveries.record(store.done(ADA));
        store.mongo.remove(deleted);
        assertThat(deliveries.claim(Set.of())).isEmpty();
        assertThat(webhooks.deliveries(deleted)).isEmpty();
    }

    @Test
    void after_the_last_failure_the_webhook_is_disabled_and_its_owner_is_to_be_told_once() {
        Webhook webhook = webhook(ADA);
        deliveries.record(store.done(ADA));
        deliveries.record(store.done(ADA));
        Claimed claimed = claim();
        deliveries.failedAndDisabled(claimed, attempt(500), Disabled.FAILING);
        assertThat(webhooks.find(webhook.id(), "ada").orElseThrow().disabled())
                .isEqualTo(Disabled.FAILING);
        assertThat(webhooks.deliveries(webhook))
                .extracting(WebhookDelivery::status)
                .containsExactlyInAnyOrder(Status.FAILED, Status.CANCELLED);
        Duration pause = Duration.ofMinutes(10);
        assertThat(deliveries.claimNotice(pause)).isPresent();
        assertThat(deliveries.claimNotice(pause)).isEmpty();
        store.clock.advance(pause);
        Webhook notice = deliveries.claimNotice(pause).orElseThrow();
        assertThat(notice.noticeTries()).isEqualTo(2);
        deliveries.noticeSent(notice);
        store.clock.advance(pause);
        assertThat(deliveries.claimNotice(pause)).isEmpty();
    }

    @Test
    void a_replay_has_all_attempts_and_ends_a_running_one() {
        Webhook webhook = webhook(ADA);
        deliveries.record(store.done(ADA));
        WebhookDelivery running = claim().delivery();
        WebhookDelivery replayed = webhooks.replay(webhook, running.id()).orElseThrow();
        assertThat(replayed.tries()).isZero();
        deliveries.failed(running, attempt(500));
        Claimed again = claim();
        assertThat(again.delivery().id()).isEqualTo(running.id());
        assertThat(again.delivery().body()).isEqualTo(running.body());
        deliveries.delivered(again.delivery(), attempt(200));
        assertThat(webhooks.replay(webhook, running.id())).isPresent();
        assertThat(claim().delivery().tries()).isEqualTo(1);
        assertThat(webhooks.replay(webhook(ADA), running.id())).isEmpty();
        assertThat(webhooks.replay(webhook, "msg_unknown")).isEmpty();
    }

    @Test
    void the_last_fifty_deliveries_are_kept_for_thirty_days_and_none_that_waits_is_removed() {
        Webhook webhook = webhook(ADA);
        Job job = store.done(ADA);
        for (int i = 0; i < 60; i++) {
            store.clock.advance(Duration.ofSeconds(1));
            WebhookDelivery delivery =
                    WebhookDocuments.pending(
                            webhook.id(), "old" + i, Event.JOB_DONE, "{}", store.clock.instant());
            store.mongo.insert(delivery);
            if (i > 0) deliveries.failed(claimed(delivery), attempt(500));
            if (i == 0) deliveries.retry(claimed(delivery), attempt(500), Duration.ofDays(300));
        }
        store.clock.advance(Duration.ofSeconds(1));
        deliveries.record(job);
        List<Document> stored = new ArrayList<>();
        store.mongo.getCollection("webhook_deliveries").find().into(stored);
        assertThat(stored).as("50 that are settled, 2 that wait").hasSize(52);
        assertThat(webhooks.deliveries(webhook)).hasSize(50);
        assertThat(webhooks.deliveries(webhook).getFirst().body()).contains(job.id());
        store.clock.advance(Duration.ofDays(31));
        deliveries.removeOld();
        assertThat(webhooks.deliveries(webhook))
                .extracting(WebhookDelivery::status)
                .containsExactly(Status.PENDING, Status.PENDING);
    }

    private WebhookDelivery claimed(WebhookDelivery delivery) {
        Optional<Claimed> claimed = deliveries.claim(Set.of());
        assertThat(claimed.orElseThrow().delivery().id()).isEqualTo(delivery.id());
        return claimed.orElseThrow().delivery();
    }

    @Test
    void a_late_notifier_disables_nothing() {
        Webhook webhook = webhook(ADA);
        deliveries.record(store.done(ADA));
        Claimed late = claim();
        store.clock.advance(WebhookDeliveries.CLAIM);
        deliveries.delivered(claim().delivery(), attempt(200));
        assertThat(deliveries.failedAndDisabled(late, attempt(500), Disabled.FAILING)).isFalse();
        assertThat(only(webhook).status()).isEqualTo(Status.DELIVERED);
        assertThat(webhooks.find(webhook.id(), "ada").orElseThrow().disabled()).isNull();
    }

    @Test
    void what_the_old_address_answered_is_sent_to_the_new_one() {
        Webhook webhook = webhook(ADA);
        deliveries.record(store.done(ADA));
        Claimed old = claim();
        String other = "https://new.example/";
        webhooks.change(webhook.id(), ADA, new Change(other, null, null, null));
        assertThat(deliveries.failedAndDisabled(old, attempt(410), Disabled.GONE)).isFalse();
        Claimed again = claim();
        assertThat(again.webhook().url()).isEqualTo(other);
        assertThat(again.webhook().disabled()).isNull();
        assertThat(again.delivery().tries()).isOne();
    }
}
