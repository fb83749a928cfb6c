package dev.tomp3.scaling;

import dev.tomp3.scaling.Setup.Load;
import dev.tomp3.scaling.Setup.Pool;
import dev.tomp3.scaling.Setup.Rules;
import java.util.ArrayList;
import java.util.List;

/**
 * Compares the simulation with results of queueing theory, in several runs with different seeds.
 */
final class Validation {
    private static final int RUNS = 16;

    /** The two-sided 99 % quantile of Student's t distribution with 15 degrees of freedom. */
    private static final double STUDENT = 2.947;

    private static final int JOBS = 10_000;

    private Validation() {}

    private static double exponential(RandomNumbers chance) {
        return chance.exponential(1);
    }

    /** Mean 1, variance 0.75. */
    private static double uneven(RandomNumbers chance) {
        return chance.uniform() < 0.75 ? 0.5 : 2.5;
    }

    /**
     * One case.
     *
     * @param theory the theoretical mean
     * @param mean the mean of the runs
     * @param halfWidth of the 99 % confidence interval
     */
    record Case(String name, String what, double theory, double mean, double halfWidth) {}

    static List<Case> cases() {
        Rules fair = new Rules(Backlog.Order.FAIR, 0);
        List<Case> cases = new ArrayList<>();
        for (int servers : new int[] {1, 2, 16}) {
            double load = 0.8;
            cases.add(
                    compare(
                            "M/M/%d, load %.1f".formatted(servers, load),
                            "wait",
                            ClosedForm.waitExponential(servers, load),
                            Load.steady(JOBS, servers * load, 100, Validation::exponential),
                            Pool.of(servers),
                            fair));
        }
        cases.add(
                compare(
                        "M/D/1, load 0.8",
                        "wait",
                        ClosedForm.wait(0.8, 0),
                        Load.steady(JOBS, 0.8, 100, _ -> 1),
                        Pool.of(1),
                        fair));
        cases.add(
                compare(
                        "M/G/1 of two sizes, load 0.7",
                        "wait",
                        ClosedForm.wait(0.7, 0.75),
                        Load.steady(JOBS, 0.7, 100, Validation::uneven),
                        Pool.of(1),
                        fair));
        cases.add(
                compare(
                        "M/G/1 shared by all, load 0.7",
                        "time",
                        ClosedForm.timeShared(0.7),
                        Load.steady(JOBS, 0.7, 100, Validation::uneven),
                        Pool.sharing(1, 1000, 1, Double.POSITIVE_INFINITY, 1),
                        fair));
        return cases;
    }

    private static Case compare(
            String name, String what, double theory, Load load, Pool pool, Rules rules) {
        double[] means = new double[RUNS];
        for (int run = 0; run < RUNS; run++) {
            Simulation.Result result =
                    Simulation.run(new Setup(load, pool, rules, 1000 + 10 * run));
            means[run] = what.equals("wait") ? result.waits().mean() : result.times().mean();
        }
        double mean = 0;
        for (double each : means) mean += each / RUNS;
        double variance = 0;
        for (double each : means) variance += (each - mean) * (each - mean) / (RUNS - 1);
        return new Case(name, what, theory, mean, STUDENT * StrictMath.sqrt(variance / RUNS));
    }
}
