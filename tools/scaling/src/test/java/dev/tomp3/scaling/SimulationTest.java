package dev.tomp3.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tomp3.scaling.Backlog.Order;
import dev.tomp3.scaling.Setup.Load;
import dev.tomp3.scaling.Setup.Pool;
import dev.tomp3.scaling.Setup.Rules;
import dev.tomp3.scaling.Setup.Scaling;
import dev.tomp3.scaling.Simulation.Result;
import org.junit.jupiter.api.Test;

/** The simulation against theory, and the rules of the queue one by one. */
class SimulationTest {
    private static final Rules FAIR = new Rules(Order.FAIR, 0);

    @Test
    void agrees_with_theory_within_99_per_cent_confidence() {
        assertThat(Validation.cases())
                .hasSizeGreaterThanOrEqualTo(6)
                .allSatisfy(each -> {
                    assertThat(each.mean()).isCloseTo(each.theory(), within(each.halfWidth()));
                    // and the interval says something
                    assertThat(each.halfWidth()).isLessThan(each.theory() / 4);
                });
    }

    @Test
    void the_same_seed_gives_the_same_result_and_another_one_another() {
        Setup setup =
                setup(Load.steady(2000, 1.6, 100, chance -> chance.exponential(1)), Pool.of(2));
        double mean = Simulation.run(setup).times().mean();
        assertThat(Simulation.run(setup).times().mean()).isEqualTo(mean);
        Setup other = new Setup(setup.load(), setup.pool(), setup.rules(), 8);
        assertThat(Simulation.run(other).times().mean()).isNotEqualTo(mean);
    }

    @Test
    void what_was_worked_is_what_came() {
        Result result = Simulation.run(setup(Load.steady(20_000, 3, 100, _ -> 1), Pool.of(5)));
        assertThat(result.used()).isCloseTo(0.6, within(0.01));
        assertThat(result.times().count()).isEqualTo(16_000);
    }

    @Test
    void a_job_that_is_alone_uses_all_cores_that_its_length_allows() {
        // a job in 10,000 s: nobody meets another one
        Load lonely = Load.steady(100, 1e-4, 100, _ -> 8);
        assertThat(time(lonely, Pool.sharing(1, 4, 4, 1, 12))).isCloseTo(2, within(1e-9));
        assertThat(time(lonely, Pool.sharing(1, 4, 4, 4, 12))).isCloseTo(4, within(1e-9));
        assertThat(time(lonely, Pool.sharing(1, 4, 4, 1, 3))).isCloseTo(8 / 3.0, within(1e-9));
        assertThat(time(lonely, Pool.sharing(1, 4, 4, 9, 12))).isCloseTo(8, within(1e-9));
    }

    @Test
    void a_burst_of_one_owner_keeps_the_others_waiting_where_the_first_comes_first() {
        Load load = Load.steady(2000, 2, 100, _ -> 1).withBurst(500);
        Result fair = Simulation.run(new Setup(load, Pool.of(4), new Rules(Order.FAIR, 0), 1));
        Result limited = Simulation.run(new Setup(load, Pool.of(4), new Rules(Order.FAIR, 2), 1));
        Result first =
                Simulation.run(new Setup(load, Pool.of(4), new Rules(Order.FIRST_COME, 0), 1));
        assertThat(first.waits().of(0.95)).isGreaterThan(50);
        // others wait for one job under way, and for each other
        assertThat(fair.waits().of(0.99)).isLessThan(5);
        assertThat(fair.burstDone()).isLessThan(2 * first.burstDone());
        assertThat(fair.mostOfOne()).isEqualTo(4);
        assertThat(limited.mostOfOne()).isEqualTo(2);
        assertThat(limited.waits().of(0.99)).isLessThan(5);
    }

    @Test
    void a_lost_converter_costs_its_job_the_lease_and_what_was_done() {
        Load load = Load.steady(500, 0.01, 100, _ -> 20);
        Result whole = Simulation.run(setup(load, Pool.of(4)));
        Result lossy = Simulation.run(setup(load, Pool.of(4).living(400, 5)));
        assertThat(whole.lost()).isZero();
        assertThat(whole.times().of(0.5)).isEqualTo(20);
        assertThat(lossy.lost()).isPositive();
        assertThat(lossy.times().count()).isEqualTo(whole.times().count());
        // half of the work on average, and 10 to 11 s
        double loss = (lossy.times().mean() - whole.times().mean()) * 500 / lossy.lost();
        assertThat(loss).isBetween(16.0, 28.0);
    }

    @Test
    void the_autoscaler_follows_a_wave_and_loses_nothing() {
        Scaling keda = new Scaling(1, 20, 1, 15, 600, 0.25, 120, 20);
        // an hour with much to do in each six
        Load wave =
                Load.steady(6000, 0.3, 100, _ -> 30)
                        .withShape(time -> time % 21_600 < 3600 ? 1.5 : 0.9, 1.5);
        Result result = Simulation.run(setup(wave, Pool.of(1).scaled(keda, 10)));
        assertThat(result.times().count()).isEqualTo(4800);
        assertThat(result.most()).isBetween(12, 20);
        assertThat(result.converterSeconds() / result.length()).isBetween(9.0, 19.0);
        assertThat(result.handedBack()).isPositive();
        Scaling hasty = new Scaling(1, 20, 1, 15, 0, 0.25, 120, 20);
        assertThat(Simulation.run(setup(wave, Pool.of(1).scaled(hasty, 10))).converterSeconds())
                .isLessThan(result.converterSeconds());
        Result never = Simulation.run(setup(wave, Pool.of(20)));
        assertThat(result.waits().of(0.5)).isGreaterThanOrEqualTo(never.waits().of(0.5));
        assertThat(never.converterSeconds()).isGreaterThan(result.converterSeconds());
    }

    private static double time(Load load, Pool pool) {
        return Simulation.run(setup(load, pool)).times().of(0.5);
    }

    private static Setup setup(Load load, Pool pool) {
        return new Setup(load, pool, FAIR, 7);
    }
}
