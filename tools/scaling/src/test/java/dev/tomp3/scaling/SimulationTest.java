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

/** Compares the simulation with queueing theory, and checks the rules of the queue. */
class SimulationTest {
    private static final Rules FAIR = new Rules(Order.FAIR, 0);

    @Test
    void agrees_with_theory_within_99_per_cent_confidence() {
        assertThat(Validation.cases())
                .hasSizeGreaterThanOrEqualTo(6)
                .allSatisfy(each -> {
                    assertThat(each.mean()).isCloseTo(each.theory(), within(each.halfWidth()));
                    // the interval is narrow enough to be meaningful
                    assertThat(each.halfWidth()).isLessThan(each.theory() / 4);
                });
    }

    @Test
    void the_result_depends_on_the_seed_only() {
        Setup setup =
                setup(Load.steady(2000, 1.6, 100, chance -> chance.exponential(1)), Pool.of(2));
        double mean = Simulation.run(setup).times().mean();
        assertThat(Simulation.run(setup).times().mean()).isEqualTo(mean);
        Setup other = new Setup(setup.load(), setup.pool(), setup.rules(), 8);
        assertThat(Simulation.run(other).times().mean()).isNotEqualTo(mean);
    }

    @Test
    void the_work_done_equals_the_work_that_arrived() {
        Result result = Simulation.run(setup(Load.steady(20_000, 3, 100, _ -> 1), Pool.of(5)));
        assertThat(result.used()).isCloseTo(0.6, within(0.01));
        assertThat(result.times().count()).isEqualTo(16_000);
    }

    @Test
    void a_single_job_uses_as_many_cores_as_its_length_allows() {
        // one job in 10,000 s: jobs do not overlap
        Load single = Load.steady(100, 1e-4, 100, _ -> 8);
        assertThat(time(single, Pool.sharing(1, 4, 4, 1, 12))).isCloseTo(2, within(1e-9));
        assertThat(time(single, Pool.sharing(1, 4, 4, 4, 12))).isCloseTo(4, within(1e-9));
        assertThat(time(single, Pool.sharing(1, 4, 4, 1, 3))).isCloseTo(8 / 3.0, within(1e-9));
        assertThat(time(single, Pool.sharing(1, 4, 4, 9, 12))).isCloseTo(8, within(1e-9));
    }

    @Test
    void a_burst_of_one_owner_delays_the_others_only_without_fair_queueing() {
        Load load = Load.steady(2000, 2, 100, _ -> 1).withBurst(500);
        Result fair = Simulation.run(new Setup(load, Pool.of(4), new Rules(Order.FAIR, 0), 1));
        Result limited = Simulation.run(new Setup(load, Pool.of(4), new Rules(Order.FAIR, 2), 1));
        Result first =
                Simulation.run(new Setup(load, Pool.of(4), new Rules(Order.FIRST_COME, 0), 1));
        assertThat(first.waits().of(0.95)).isGreaterThan(50);
        // the others wait for one running job, and for each other
        assertThat(fair.waits().of(0.99)).isLessThan(5);
        assertThat(fair.burstDone()).isLessThan(2 * first.burstDone());
        assertThat(fair.maxOfOneOwner()).isEqualTo(4);
        assertThat(limited.maxOfOneOwner()).isEqualTo(2);
        assertThat(limited.waits().of(0.99)).isLessThan(5);
    }

    @Test
    void a_lost_converter_costs_the_lease_and_the_work_done() {
        Load load = Load.steady(500, 0.01, 100, _ -> 20);
        Result reliable = Simulation.run(setup(load, Pool.of(4)));
        Result unreliable = Simulation.run(setup(load, Pool.of(4).withLifetime(400, 5)));
        assertThat(reliable.lost()).isZero();
        assertThat(reliable.times().of(0.5)).isEqualTo(20);
        assertThat(unreliable.lost()).isPositive();
        assertThat(unreliable.times().count()).isEqualTo(reliable.times().count());
        // half of the work on average, and the lease
        double loss =
                (unreliable.times().mean() - reliable.times().mean()) * 500 / unreliable.lost();
        assertThat(loss).isBetween(16.0, 28.0);
    }

    @Test
    void the_autoscaler_follows_the_load_and_loses_no_job() {
        Scaling keda = new Scaling(1, 20, 1, 15, 600, 0.25, 120, 20);
        // a busy hour in every six
        Load wave =
                Load.steady(6000, 0.3, 100, _ -> 30)
                        .withShape(time -> time % 21_600 < 3600 ? 1.5 : 0.9, 1.5);
        Result result = Simulation.run(setup(wave, Pool.of(1).withScaling(keda, 10)));
        assertThat(result.times().count()).isEqualTo(4800);
        assertThat(result.most()).isBetween(12, 20);
        assertThat(result.converterSeconds() / result.length()).isBetween(9.0, 19.0);
        assertThat(result.released()).isPositive();
        Scaling unstabilized = new Scaling(1, 20, 1, 15, 0, 0.25, 120, 20);
        assertThat(
                        Simulation.run(setup(wave, Pool.of(1).withScaling(unstabilized, 10)))
                                .converterSeconds())
                .isLessThan(result.converterSeconds());
        Result fixed = Simulation.run(setup(wave, Pool.of(20)));
        assertThat(result.waits().of(0.5)).isGreaterThanOrEqualTo(fixed.waits().of(0.5));
        assertThat(fixed.converterSeconds()).isGreaterThan(result.converterSeconds());
    }

    private static double time(Load load, Pool pool) {
        return Simulation.run(setup(load, pool)).times().of(0.5);
    }

    private static Setup setup(Load load, Pool pool) {
        return new Setup(load, pool, FAIR, 7);
    }
}
