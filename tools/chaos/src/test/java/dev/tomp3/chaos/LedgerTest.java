package dev.tomp3.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.chaos.Complaint.Kind;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The account finds what it is there to find. */
class LedgerTest {
    private static final Sample GOOD = new Sample(Path.of("good.mp4"), Map.of(), "");
    private static final Sample BROKEN = new Sample(Path.of("broken.mp4"), Map.of(), "corrupt");

    private final Ledger ledger = new Ledger();
    private final Client user =
            new Client(HttpClient.newHttpClient(), ledger, "ada@example.org", "secret");

    @Test
    void nothing_is_off_when_each_upload_ends_as_it_must() {
        Upload good = accepted(GOOD, "a");
        assertThat(ledger.hears(good, job("a", "converting", ""))).isFalse();
        assertThat(ledger.unsettled()).containsExactly(good);
        assertThat(ledger.hears(good, job("a", "done", ""))).isTrue();
        ledger.downloaded(good, "digest");
        Upload again = accepted(GOOD, "b");
        ledger.hears(again, job("b", "done", ""));
        ledger.downloaded(again, "digest");
        assertThat(ledger.hears(accepted(BROKEN, "c"), job("c", "failed", "corrupt"))).isTrue();
        assertThat(ledger.unsettled()).isEmpty();
        assertThat(ledger.complaints()).isEmpty();
    }

    @Test
    void a_good_file_that_fails_is_lost() {
        ledger.hears(accepted(GOOD, "a"), job("a", "failed", "internal"));
        assertOff(Kind.LOST);
    }

    @Test
    void a_broken_file_has_to_fail_for_its_own_reason() {
        ledger.hears(accepted(BROKEN, "a"), job("a", "failed", "internal"));
        assertOff(Kind.WRONG);
    }

    @Test
    void a_broken_file_is_not_done() {
        ledger.hears(accepted(BROKEN, "a"), job("a", "done", ""));
        assertOff(Kind.WRONG);
    }

    @Test
    void what_nobody_deleted_does_not_expire() {
        ledger.hears(accepted(GOOD, "a"), job("a", "expired", ""));
        assertOff(Kind.LOST);
    }

    @Test
    void what_its_owner_deleted_may() {
        Upload upload = accepted(GOOD, "a");
        upload.deleted = true;
        assertThat(ledger.hears(upload, job("a", "cancelled", ""))).isTrue();
        assertThat(ledger.complaints()).isEmpty();
    }

    @Test
    void an_end_does_not_change() {
        Upload upload = accepted(BROKEN, "a");
        ledger.hears(upload, job("a", "failed", "corrupt"));
        ledger.hears(upload, job("a", "queued", ""));
        assertOff(Kind.DUPLICATED);
    }

    @Test
    void other_bytes_than_without_faults_are_a_loss() {
        ledger.downloaded(accepted(GOOD, "a"), "digest");
        ledger.downloaded(accepted(GOOD, "b"), "another");
        assertOff(Kind.LOST);
    }

    @Test
    void one_key_makes_one_job() {
        ledger.accepted(user, GOOD, "key", job("a", "queued", ""));
        ledger.accepted(user, GOOD, "key", job("a", "queued", ""));
        assertThat(ledger.complaints()).isEmpty();
        ledger.accepted(user, GOOD, "key", job("b", "queued", ""));
        assertOff(Kind.DUPLICATED);
    }

    @Test
    void what_is_off_belongs_to_the_fault_that_the_upload_was_under_way_in() {
        Upload upload = accepted(GOOD, "a");
        assertThat(ledger.enter("SIGKILL converter")).containsExactly(upload);
        ledger.hears(upload, job("a", "failed", "internal"));
        ledger.enter("broker wiped");
        assertThat(ledger.complaints(Kind.LOST, "SIGKILL converter")).isEqualTo(1);
        assertThat(ledger.complaints(Kind.LOST, "broker wiped")).isZero();
    }

    private Upload accepted(Sample sample, String id) {
        return ledger.accepted(user, sample, null, job(id, "queued", ""));
    }

    private static JsonNode job(String id, String status, String code) {
        return Client.JSON.valueToTree(
                Map.of("id", id, "status", status, "failure", Map.of("code", code)));
    }

    private void assertOff(Kind kind) {
        assertThat(ledger.complaints()).singleElement().extracting(Complaint::kind).isEqualTo(kind);
    }
}
