package dev.tomp3.scaling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.scaling.Backlog.Order;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The order of service, as {@code Jobs.claim} has it. Owners are numbers. */
class BacklogTest {
    private final List<Job> taken = new ArrayList<>();
    private long ids;

    @Test
    void who_has_nothing_under_way_comes_before_earlier_turns() {
        Backlog backlog = fair(2);
        accept(backlog, 1, 1, 1, 1, 2, 2, 2, 2);
        assertThat(owners(backlog, 4)).containsExactly(1, 2, 1, 2);
        backlog.settled(taken.get(1));
        // the first owner is passed over, and the turns go on
        assertThat(owners(backlog, 1)).containsExactly(2);
        backlog.settled(taken.get(3));
        assertThat(owners(backlog, 1)).containsExactly(2);
        accept(backlog, 3);
        backlog.settled(taken.get(0));
        assertThat(owners(backlog, 2)).containsExactly(3, 1);
    }

    @Test
    void who_was_served_last_gives_way_to_an_earlier_turn_though_nothing_is_under_way() {
        Backlog backlog = fair(0);
        accept(backlog, 1, 1, 2, 2);
        assertThat(owners(backlog, 3)).containsExactly(1, 2, 1);
        // both of the first owner are done; the second has one under way, and one with the first
        // turn
        backlog.settled(taken.get(0));
        backlog.settled(taken.get(2));
        accept(backlog, 1);
        assertThat(owners(backlog, 2)).containsExactly(2, 1);
    }

    @Test
    void turns_alternate_between_owners_who_all_have_some_under_way() {
        Backlog backlog = fair(0);
        accept(backlog, 1, 1, 1, 1, 2, 2, 2, 2);
        assertThat(owners(backlog, 8)).containsExactly(1, 2, 1, 2, 1, 2, 1, 2);
    }

    @Test
    void who_comes_late_begins_at_the_turn_that_is_served() {
        Backlog backlog = fair(0);
        accept(backlog, 1, 1, 1, 1, 1, 1);
        owners(backlog, 4);
        accept(backlog, 2, 2, 2);
        // not at turn 0, by which all three would come first
        assertThat(owners(backlog, 5)).containsExactly(2, 1, 2, 1, 2);
    }

    @Test
    void owners_at_their_limit_are_passed_over_until_one_is_done() {
        Backlog backlog = fair(1);
        accept(backlog, 1, 1, 2);
        assertThat(owners(backlog, 2)).containsExactly(1, 2);
        assertThat(backlog.take()).isNull();
        assertThat(backlog.size()).isEqualTo(1);
        backlog.settled(taken.get(0));
        assertThat(owners(backlog, 1)).containsExactly(1);
    }

    @Test
    void a_job_that_is_given_back_keeps_its_turn() {
        Backlog backlog = fair(0);
        accept(backlog, 1, 1, 1, 2, 2);
        owners(backlog, 2);
        Job first = taken.get(0);
        backlog.giveBack(first);
        assertThat(owners(backlog, 1)).containsExactly(1);
        assertThat(taken.getLast()).isSameAs(first);
    }

    @Test
    void first_come_first_served_knows_no_owners() {
        Backlog backlog = new Backlog(Order.FIRST_COME, 0);
        accept(backlog, 1, 1, 1, 2, 1, 2);
        assertThat(owners(backlog, 6)).containsExactly(1, 1, 1, 2, 1, 2);
    }

    private static Backlog fair(int mostAtOnce) {
        return new Backlog(Order.FAIR, mostAtOnce);
    }

    private void accept(Backlog backlog, int... owners) {
        for (int owner : owners) backlog.accept(new Job(ids++, owner, 0, 1, 1));
    }

    private List<Integer> owners(Backlog backlog, int count) {
        for (int i = 0; i < count; i++) taken.add(backlog.take());
        return taken.subList(taken.size() - count, taken.size()).stream()
                .map(job -> job.owner)
                .toList();
    }
}
