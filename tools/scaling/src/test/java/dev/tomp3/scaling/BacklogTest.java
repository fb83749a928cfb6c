package dev.tomp3.scaling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.scaling.Backlog.Order;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The order of the claims. Owners are numbers. */
class BacklogTest {
    private final List<Job> claimed = new ArrayList<>();
    private long ids;

    @Test
    void an_owner_without_a_running_job_comes_before_smaller_start_tags() {
        Backlog backlog = fair(2);
        accept(backlog, 1, 1, 1, 1, 2, 2, 2, 2);
        assertThat(owners(backlog, 4)).containsExactly(1, 2, 1, 2);
        backlog.settled(claimed.get(1));
        // the first owner is throttled
        assertThat(owners(backlog, 1)).containsExactly(2);
        backlog.settled(claimed.get(3));
        assertThat(owners(backlog, 1)).containsExactly(2);
        accept(backlog, 3);
        backlog.settled(claimed.get(0));
        assertThat(owners(backlog, 2)).containsExactly(3, 1);
    }

    @Test
    void the_last_owner_has_no_precedence_even_without_a_running_job() {
        Backlog backlog = fair(0);
        accept(backlog, 1, 1, 2, 2);
        assertThat(owners(backlog, 3)).containsExactly(1, 2, 1);
        // the jobs of the first owner are done; the second has a running job, and one with the
        // smallest start tag
        backlog.settled(claimed.get(0));
        backlog.settled(claimed.get(2));
        accept(backlog, 1);
        assertThat(owners(backlog, 2)).containsExactly(2, 1);
    }

    @Test
    void alternates_between_owners_with_running_jobs() {
        Backlog backlog = fair(0);
        accept(backlog, 1, 1, 1, 1, 2, 2, 2, 2);
        assertThat(owners(backlog, 8)).containsExactly(1, 2, 1, 2, 1, 2, 1, 2);
    }

    @Test
    void a_new_owner_starts_at_the_virtual_time() {
        Backlog backlog = fair(0);
        accept(backlog, 1, 1, 1, 1, 1, 1);
        owners(backlog, 4);
        accept(backlog, 2, 2, 2);
        // not at start tag 0, with which all three would come first
        assertThat(owners(backlog, 5)).containsExactly(2, 1, 2, 1, 2);
    }

    @Test
    void owners_at_their_limit_are_throttled_until_a_job_ends() {
        Backlog backlog = fair(1);
        accept(backlog, 1, 1, 2);
        assertThat(owners(backlog, 2)).containsExactly(1, 2);
        assertThat(backlog.claim()).isNull();
        assertThat(backlog.size()).isEqualTo(1);
        backlog.settled(claimed.get(0));
        assertThat(owners(backlog, 1)).containsExactly(1);
    }

    @Test
    void a_released_job_keeps_its_start_tag() {
        Backlog backlog = fair(0);
        accept(backlog, 1, 1, 1, 2, 2);
        owners(backlog, 2);
        Job first = claimed.get(0);
        backlog.release(first);
        assertThat(owners(backlog, 1)).containsExactly(1);
        assertThat(claimed.getLast()).isSameAs(first);
    }

    @Test
    void first_come_first_served_ignores_owners() {
        Backlog backlog = new Backlog(Order.FIRST_COME, 0);
        accept(backlog, 1, 1, 1, 2, 1, 2);
        assertThat(owners(backlog, 6)).containsExactly(1, 1, 1, 2, 1, 2);
    }

    private static Backlog fair(int maxConcurrent) {
        return new Backlog(Order.FAIR, maxConcurrent);
    }

    private void accept(Backlog backlog, int... owners) {
        for (int owner : owners) backlog.accept(new Job(ids++, owner, 0, 1, 1));
    }

    private List<Integer> owners(Backlog backlog, int count) {
        for (int i = 0; i < count; i++) claimed.add(backlog.claim());
        return claimed.subList(claimed.size() - count, claimed.size()).stream()
                .map(job -> job.owner)
                .toList();
    }
}
