package dev.tomp3.scaling;

import static dev.tomp3.scaling.Markdown.percent;
import static dev.tomp3.scaling.Markdown.seconds;

import dev.tomp3.scaling.Backlog.Order;
import dev.tomp3.scaling.Setup.Load;
import dev.tomp3.scaling.Setup.Pool;
import dev.tomp3.scaling.Setup.Rules;
import dev.tomp3.scaling.Setup.Scaling;
import dev.tomp3.scaling.Simulation.Result;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tables of docs/scaling.md that are simulated, by name. */
final class SimulationTables {
    private static final double DAY = 86_400;
    private static final long SEED = 1;

    /** The default of {@code MAX_CONCURRENT_JOBS_PER_USER}. */
    static final int MAX_CONCURRENT = 4;

    /** The settings of {@code k8s/components/keda}. */
    static final Scaling KEDA = new Scaling(1, 20, 1, 15, 600, 0.25, 120, 20);

    private static final Rules CURRENT_RULES = new Rules(Order.FAIR, MAX_CONCURRENT);

    private final Parameters p;
    private final List<Step> steps;

    SimulationTables(Parameters parameters, List<Step> steps) {
        p = parameters;
        this.steps = steps;
    }

    Map<String, String> all() {
        Map<String, String> tables = new LinkedHashMap<>();
        tables.put("validation", validation());
        tables.put("waits", waits());
        tables.put("converters", converters());
        tables.put("cores", cores());
        tables.put("owners", owners());
        tables.put("day", day());
        tables.put("lost", lost());
        return tables;
    }

    private String validation() {
        Markdown table = new Markdown("case", "mean of the", "theory", "simulated", "99 % within");
        for (Validation.Case each : Validation.cases())
            table.row(
                    each.name(),
                    each.what(),
                    each.theory(),
                    each.mean(),
                    "± " + Markdown.number(each.halfWidth()));
        return table.toString();
    }

    /** The load of users who upload ten videos a day. */
    private Load load(int jobs, double rate) {
        int users = (int) Math.ceil(rate * DAY / 10);
        return Load.steady(jobs, rate, users, p::work);
    }

    /** A load that is this share of the capacity of the cores. */
    private Load loaded(int jobs, int cores, double share) {
        return load(jobs, cores * share / p.meanWork());
    }

    private Pool sharing(int converters, int cores) {
        double segment = p.segment().value() * p.encode().value();
        return Pool.sharing(converters, cores, cores, segment, 1 / p.decodeShare().value());
    }

    private static Result run(Load load, Pool pool, Rules rules) {
        return Simulation.run(new Setup(load, pool, rules, SEED));
    }

    private static String spread(Times times) {
        return seconds(times.of(0.5))
                + " / "
                + seconds(times.of(0.95))
                + " / "
                + seconds(times.of(0.99));
    }

    private String waits() {
        int[] counts = {2, 10, 100, 1000};
        Markdown table =
                new Markdown(
                        "load",
                        "2 converters",
                        "10 converters",
                        "100 converters",
                        "1,000 converters");
        for (double share : new double[] {0.5, 0.7, 0.8, 0.9, 0.95}) {
            Object[] cells = new Object[counts.length + 1];
            cells[0] = percent(share);
            for (int i = 0; i < counts.length; i++)
                cells[i + 1] =
                        spread(
                                run(
                                                loaded(
                                                        Math.max(15_000, 40 * counts[i]),
                                                        counts[i],
                                                        share),
                                                Pool.of(counts[i]),
                                                CURRENT_RULES)
                                        .waits());
            table.row(cells);
        }
        return table.toString();
    }

    private String converters() {
        Markdown table =
                new Markdown(
                        "", "jobs a second", "busy on average", "for 60 s", "for 10 s", "for 1 s");
        for (Step step : steps) {
            if (step.cores() > 1000) continue;
            double offered = step.converting();
            Object[] cells = {
                step.name(), step.peakRate(), offered, 0, 0, 0,
            };
            int column = 3;
            // above 95 % a backlog takes hours to shrink
            int known = (int) Math.ceil(offered / 0.95);
            for (double target : new double[] {60, 10, 1}) {
                known = needed(step.peakRate(), known, target);
                cells[column++] = known;
            }
            table.row(cells);
        }
        return table.toString();
    }

    /** The minimum number of single-core converters at which 95 % wait no longer. */
    private int needed(double rate, int least, double target) {
        int low = least;
        int high = low;
        int stride = 1;
        while (waitOf95(rate, high) > target) {
            if (high > 10 * least)
                throw new IllegalStateException("Not reached with " + high + " converters");
            low = high + 1;
            high += stride;
            stride *= 2;
        }
        while (low < high) {
            int middle = (low + high) / 2;
            if (waitOf95(rate, middle) > target) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private double waitOf95(double rate, int converters) {
        return run(
                        load(Math.max(10_000, 40 * converters), rate),
                        Pool.of(converters),
                        CURRENT_RULES)
                .waits()
                .of(0.95);
    }

    private String cores() {
        Markdown table =
                new Markdown(
                        "load",
                        "16 converters of 1 core",
                        "4 of 4 cores",
                        "1 of 16 cores",
                        "1 of 16, one core a job");
        for (double share : new double[] {0.05, 0.3, 0.6, 0.8, 0.9}) {
            Load load = loaded(10_000, 16, share);
            table.row(
                    percent(share),
                    spread(run(load, sharing(16, 1), CURRENT_RULES).times()),
                    spread(run(load, sharing(4, 4), CURRENT_RULES).times()),
                    spread(run(load, sharing(1, 16), CURRENT_RULES).times()),
                    spread(
                            run(
                                            load,
                                            Pool.sharing(1, 16, 16, Double.POSITIVE_INFINITY, 1),
                                            CURRENT_RULES)
                                    .times()));
        }
        return table.toString();
    }

    private String owners() {
        Markdown table =
                new Markdown(
                        "order",
                        "wait of the other users, s",
                        "their total time, s",
                        "time for the burst of 1,000, min",
                        "maximum of them at once");
        Load load = loaded(6_000, 16, 0.5).withBurst(1000);
        Map<String, Rules> rules = new LinkedHashMap<>();
        rules.put("first come, first served", new Rules(Order.FIRST_COME, 0));
        rules.put("fair, no limit", new Rules(Order.FAIR, 0));
        rules.put("fair, at most 4 of one user", CURRENT_RULES);
        rules.forEach((name, rule) -> {
            Result result = run(load, Pool.of(16), rule);
            table.row(
                    name,
                    spread(result.waits()),
                    spread(result.times()),
                    seconds(result.burstDone() / 60),
                    result.maxOfOneOwner());
        });
        return table.toString();
    }

    /** A tenth of the average at night, three times the average in the evening. */
    private static double timeOfDay(double time) {
        double wave = 1 + StrictMath.cos(2 * Math.PI * (time / DAY - 0.75));
        return 0.1 + 0.9 * wave * wave * wave / 2.5;
    }

    private String day() {
        Markdown table =
                new Markdown(
                        "converters", "wait, s", "mean", "maximum", "utilisation", "released jobs");
        // 10 converters can just handle the busiest hour
        double rate = 10 * p.utilisation().value() / p.meanWork() / p.peak().value();
        Load load = load((int) (2 * DAY * rate), rate).withShape(SimulationTables::timeOfDay, 3);
        Map<String, Pool> pools = new LinkedHashMap<>();
        pools.put("10, fixed", Pool.of(10));
        pools.put("4, fixed", Pool.of(4));
        pools.put("`k8s/components/keda` (1 to 20)", scaled(KEDA.min(), KEDA.messages()));
        pools.put("the same, two converters for three messages", scaled(KEDA.min(), 2 / 3.0));
        pools.put("the same, at least 4", scaled(4, 2 / 3.0));
        pools.forEach((name, pool) -> {
            Result result = run(load, pool, CURRENT_RULES);
            table.row(
                    name,
                    spread(result.waits()),
                    result.converterSeconds() / result.length(),
                    result.most(),
                    percent(result.used()),
                    result.released());
        });
        return table.toString();
    }

    private Pool scaled(int min, double messages) {
        Scaling scaling =
                new Scaling(
                        min,
                        KEDA.max(),
                        messages,
                        KEDA.poll(),
                        KEDA.stabilization(),
                        KEDA.share(),
                        KEDA.period(),
                        KEDA.grace());
        return Pool.of(min).withScaling(scaling, p.starts().value());
    }

    private String lost() {
        Markdown table =
                new Markdown(
                        "mean lifetime of a converter",
                        "jobs that lost a converter",
                        "wait, s",
                        "total time, s");
        Load load = loaded(20_000, 16, 0.7);
        Map<String, Double> lives = new LinkedHashMap<>();
        lives.put("unlimited", Double.POSITIVE_INFINITY);
        lives.put("a day", DAY);
        lives.put("an hour", 3600.0);
        lives.put("ten minutes", 600.0);
        lives.put("three minutes", 180.0);
        lives.forEach((name, life) -> {
            Result result =
                    run(load, Pool.of(16).withLifetime(life, p.starts().value()), CURRENT_RULES);
            table.row(
                    name,
                    percent((double) result.lost() / load.jobs()),
                    spread(result.waits()),
                    spread(result.times()));
        });
        return table.toString();
    }
}
