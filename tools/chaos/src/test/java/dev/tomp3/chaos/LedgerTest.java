package dev.tomp3.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.chaos.Violation.Kind;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class LedgerTest {
    private static final Sample GOOD = new Sample(Path.of("good.mp4"), Map.of(), "");
    private static final Sample BROKEN = new Sample(Path.of("broken.mp4"), Map.of(), "corrupt");

    private final Ledger ledger = new Ledger();
    private final Client user =
            new Client(HttpClient.newHttpClient(), ledger, "ada@example.org", "secret");

    @Test
    void reports_nothing_if_each_upload_ends_as_expected() {
        Upload good = accepted(GOOD, "a");
        assertThat(ledger.record(good, job("a", "converting", ""))).isFalse();
        assertThat(ledger.unsettled()).containsExactly(good);
        assertThat(ledger.record(good, job("a", "done", ""))).isTrue();
        ledger.downloaded(good, "digest");
        Upload again = accepted(GOOD, "b");
        ledger.record(again, job("b", "done", ""));
        ledger.downloaded(again, "digest");
        assertThat(ledger.record(accepted(BROKEN, "c"), job("c", "failed", "corrupt"))).isTrue();
        assertThat(ledger.unsettled()).isEmpty();
        assertThat(ledger.violations()).isEmpty();
    }

    @Test
    void a_good_file_that_fails_is_lost() {
        ledger.record(accepted(GOOD, "a"), job("a", "failed", "internal"));
        assertReported(Kind.LOST);
    }

    @Test
    void a_broken_file_must_fail_with_its_code() {
        ledger.record(accepted(BROKEN, "a"), job("a", "failed", "internal"));
        assertReported(Kind.WRONG);
    }

    @Test
    void a_broken_file_must_not_be_done() {
        ledger.record(accepted(BROKEN, "a"), job("a", "done", ""));
        assertReported(Kind.WRONG);
    }

    @Test
    void a_job_that_was_not_deleted_must_not_expire() {
        ledger.record(accepted(GOOD, "a"), job("a", "expired", ""));
        assertReported(Kind.LOST);
    }

    @Test
    void a_deleted_job_may_be_cancelled() {
        Upload upload = accepted(GOOD, "a");
        upload.deleted = true;
        assertThat(ledger.record(upload, job("a", "cancelled", ""))).isTrue();
        assertThat(ledger.violations()).isEmpty();
    }

    @Test
    void a_settled_status_must_not_change() {
        Upload upload = accepted(BROKEN, "a");
        ledger.record(upload, job("a", "failed", "corrupt"));
        ledger.record(upload, job("a", "queued", ""));
        assertReported(Kind.DUPLICATED);
    }

    @Test
    void an_mp3_that_differs_from_the_one_without_faults_is_lost() {
        ledger.downloaded(accepted(GOOD, "a"), "digest");
        ledger.downloaded(accepted(GOOD, "b"), "another");
        assertReported(Kind.LOST);
    }

    @Test
    void one_idempotency_key_creates_one_job() {
        ledger.accepted(user, GOOD, "key", job("a", "queued", ""));
        ledger.accepted(user, GOOD, "key", job("a", "queued", ""));
        assertThat(ledger.violations()).isEmpty();
        ledger.accepted(user, GOOD, "key", job("b", "queued", ""));
        assertReported(Kind.DUPLICATED);
    }

    @Test
    void attributes_a_violation_to_the_fault_during_which_the_upload_was_in_progress() {
        Upload upload = accepted(GOOD, "a");
        assertThat(ledger.enter("SIGKILL converter")).containsExactly(upload);
        ledger.record(upload, job("a", "failed", "internal"));
        ledger.enter("broker wiped");
        assertThat(ledger.violations(Kind.LOST, "SIGKILL converter")).isEqualTo(1);
        assertThat(ledger.violations(Kind.LOST, "broker wiped")).isZero();
    }

    private Upload accepted(Sample sample, String id) {
        return ledger.accepted(user, sample, null, job(id, "queued", ""));
    }

    private static JsonNode job(String id, String status, String code) {
        return Client.JSON.valueToTree(
                Map.of("id", id, "status", status, "failure", Map.of("code", code)));
    }

    private void assertReported(Kind kind) {
        assertThat(ledger.violations()).singleElement().extracting(Violation::kind).isEqualTo(kind);
    }
}
