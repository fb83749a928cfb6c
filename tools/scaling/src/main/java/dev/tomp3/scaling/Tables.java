package dev.tomp3.scaling;

import static dev.tomp3.scaling.Markdown.percent;
import static dev.tomp3.scaling.Markdown.seconds;

import dev.tomp3.scaling.Backlog.Order;
import dev.tomp3.scaling.Setup.Load;
import dev.tomp3.scaling.Setup.Pool;
import dev.tomp3.scaling.Setup.Rules;
import dev.tomp3.scaling.Setup.Scaling;
import dev.tomp3.scaling.Simulation.Result;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The tables of docs/scaling.md, by name. */
final class Tables {
    private static final double DAY = 86_400;
    private static final long SEED = 1;

    /** {@code MAX_CONCURRENT_JOBS_PER_USER}, as it is by default. */
    private static final int MOST_AT_ONCE = 4;

    private static final Rules TODAY = new Rules(Order.FAIR, MOST_AT_ONCE);

    private final Figures f;
    private final List<Step> steps;

    Tables(Figures figures) {
        f = figures;
        steps = Step.all(figures);
    }

    Map<String, String> all() {
        Map<String, String> tables = new LinkedHashMap<>();
        tables.put("figures", figures());
        tables.put("mix", mix());
        tables.put("traffic", traffic());
        tables.put("requests", requests());
        tables.put("needs", needs());
        tables.put("limits", limits());
        tables.put("petabyte", petabyte());
        tables.put("validation", validation());
        tables.put("waits", waits());
        tables.put("converters", converters());
        tables.put("cores", cores());
        tables.put("owners", owners());
        tables.put("day", day());
        tables.put("lost", lost());
        return tables;
    }

    // ---- arithmetic

    private String figures() {
        Markdown table = new Markdown("what", "value", "unit", "source");
        for (Figures.Figure each : f.all())
            table.row(each.name(), each.value(), each.unit(), each.source());
        return table.toString();
    }

    private String mix() {
        Markdown table = new Markdown("a job", "median", "mean");
        table.row("audio, s", f.median(), f.meanSeconds());
        table.row("video, MB", f.median() * f.media().value() / 1e3, f.videoBytes() / 1e6);
        table.row("MP3, MB", f.median() * f.mp3().value() / 1e3, f.mp3Bytes() / 1e6);
        table.row("converter, core-s", f.work(f.median()), f.meanWork());
        return table.toString();
    }

    private Markdown stepTable() {
        return new Markdown(cells("", Step::name));
    }

    private Object[] cells(String what, Function<Step, Object> cell) {
        Object[] cells = new Object[steps.size() + 1];
        cells[0] = what;
        for (int i = 0; i < steps.size(); i++) cells[i + 1] = cell.apply(steps.get(i));
        return cells;
    }

    private String traffic() {
        Markdown table = stepTable();
        table.row(cells("cores of converters", step -> (double) step.cores()));
        table.row(cells("their memory, GB", step -> step.converterBytes() / 1e9));
        table.row(cells("uploads a day", Step::uploadsPerDay));
        table.row(cells("video a month, TB", step -> step.bytesPerMonth() / 1e12));
        table.row(cells("uploads a second", Step::peakRate));
        table.row(cells("uploads under way", Step::uploading));
        table.row(cells("jobs being converted", Step::converting));
        table.row(cells("into gateways, Gbit/s", step -> gigabits(step.videoIn())));
        table.row(
                cells(
                        "into MongoDB's primaries, Gbit/s",
                        step -> step.members() == 0 ? 0 : gigabits(step.gateways())));
        table.row(cells("out of primaries, Gbit/s", step -> gigabits(step.primariesOut())));
        table.row(cells("into converters, Gbit/s", step -> gigabits(step.videoIn())));
        table.row(
                cells("chunks written a second", step -> step.members() == 0 ? 0 : step.chunks()));
        table.row(
                cells(
                        "oplog, GB an hour",
                        step -> step.members() == 0 ? 0 : step.gateways() * 3600 / 1e9));
        table.row(
                cells(
                        "media on disk, all members, TB",
                        step -> step.stored() * Math.max(1, step.members()) / 1e12));
        table.row(cells("documents in `jobs`, million", step -> step.remembered() / 1e6));
        table.row(cells("cores of gateways", Step::gatewayCores));
        table.row(cells("cores of each member, all shards", Step::memberCores));
        return table.toString();
    }

    private static double gigabits(double bytes) {
        return bytes * 8 / 1e9;
    }

    private String requests() {
        Markdown table = stepTable();
        table.row(cells("messages published a second", Step::messages));
        table.row(cells("beats of jobs, writes a second", Step::beats));
        table.row(cells("all small writes a second", Step::writes));
        table.row(cells("jobs polled by clients a second", Step::polls));
        table.row(cells("jobs read by claims a second", Step::listedByClaims));
        table.row(
                cells(
                        "the same, MB/s",
                        step ->
                                Markdown.times(
                                        step.listedByClaims() * f.jobBytes().value() / 1e6)));
        table.row(cells("jobs listed by the sweep a second", Step::listedBySweep));
        table.row(cells("questions of those who do not sweep, a second", Step::idleSweepers));
        table.row(cells("logins a second", Step::logins));
        return table.toString();
    }

    private String needs() {
        Markdown table = stepTable();
        for (int i = 0; i < steps.getFirst().needs().size(); i++) {
            int row = i;
            table.row(
                    cells(
                            steps.getFirst().needs().get(row).what(),
                            step -> Markdown.times(step.needs().get(row).ones())));
        }
        return table.toString();
    }

    /** Of what is there once. */
    private String limits() {
        Markdown table =
                new Markdown(
                        "what there is one of", "full with so many converters", "grows with their");
        steps.getFirst().needs().stream()
                .filter(need -> !need.divides() && need(need.what(), 1) > 0)
                .map(Step.Need::what)
                .sorted(Comparator.comparingDouble(this::fullAt))
                .forEach(what -> {
                    double twice = need(what, 20_000) / need(what, 10_000);
                    table.row(what, fullAt(what), twice > 3 ? "square" : "number");
                });
        return table.toString();
    }

    private double fullAt(String what) {
        int low = 1;
        int high = 10_000_000;
        while (low < high) {
            int middle = (low + high) / 2;
            if (need(what, middle) < 1) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private double need(String what, int converters) {
        return Step.full("", f, converters, converters, 3).needs().stream()
                .filter(need -> need.what().equals(what))
                .findFirst()
                .orElseThrow()
                .ones();
    }

    private String petabyte() {
        Map<String, Double> media = new LinkedHashMap<>();
        media.put("1080p, 4.7 Mbit/s", 4.7e3 / 8);
        media.put("720p, 2.1 Mbit/s", f.media().value());
        media.put("360p, 0.8 Mbit/s", 0.8e3 / 8);
        media.put("audio, 128 kbit/s", 16.0);
        media.put("speech, 32 kbit/s", 4.0);
        Markdown table =
                new Markdown(
                        "1 PB a month of",
                        "uploads a day",
                        "hours of audio a day",
                        "converters",
                        "network in, Gbit/s");
        media.forEach((name, rate) -> {
            Step step = Step.petabyte(Figures.withMedia(rate));
            table.row(
                    name,
                    step.uploadsPerDay(),
                    step.uploadsPerDay() * f.meanSeconds() / 3600,
                    (double) step.converters(),
                    gigabits(step.videoIn()));
        });
        return table.toString();
    }

    // ---- simulation

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

    /** Of users who send ten videos on a day. */
    private Load load(int jobs, double rate) {
        int users = (int) Math.ceil(rate * DAY / 10);
        return Load.steady(jobs, rate, users, f::work);
    }

    /** Offered so much of what so many cores can do. */
    private Load loaded(int jobs, int cores, double share) {
        return load(jobs, cores * share / f.meanWork());
    }

    private Pool sharing(int converters, int cores) {
        double piece = f.piece().value() * f.encode().value();
        return Pool.sharing(converters, cores, cores, piece, 1 / f.decodeShare().value());
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
                                                TODAY)
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
            // above that a backlog takes hours to shrink
            int known = (int) Math.ceil(offered / 0.95);
            for (double target : new double[] {60, 10, 1}) {
                known = needed(step.peakRate(), known, target);
                cells[column++] = known;
            }
            table.row(cells);
        }
        return table.toString();
    }

    /** The fewest converters of one core with which 95 % wait no longer. */
    private int needed(double rate, int least, double target) {
        int low = least;
        int high = low;
        int stride = 1;
        while (waitOf95(rate, high) > target) {
            if (high > 10 * least) throw new IllegalStateException("Not with " + high + " either");
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
        return run(load(Math.max(10_000, 40 * converters), rate), Pool.of(converters), TODAY)
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
                    spread(run(load, sharing(16, 1), TODAY).times()),
                    spread(run(load, sharing(4, 4), TODAY).times()),
                    spread(run(load, sharing(1, 16), TODAY).times()),
                    spread(
                            run(load, Pool.sharing(1, 16, 16, Double.POSITIVE_INFINITY, 1), TODAY)
                                    .times()));
        }
        return table.toString();
    }

    private String owners() {
        Markdown table =
                new Markdown(
                        "order",
                        "the others' wait, s",
                        "their time until done, s",
                        "the thousand are done after, min",
                        "of them at once, at most");
        Load load = loaded(6_000, 16, 0.5).withBurst(1000);
        Map<String, Rules> rules = new LinkedHashMap<>();
        rules.put("first come, first served", new Rules(Order.FIRST_COME, 0));
        rules.put("fair, no limit", new Rules(Order.FAIR, 0));
        rules.put("fair, 4 of one user at once", TODAY);
        rules.forEach((name, rule) -> {
            Result result = run(load, Pool.of(16), rule);
            table.row(
                    name,
                    spread(result.waits()),
                    spread(result.times()),
                    seconds(result.burstDone() / 60),
                    result.mostOfOne());
        });
        return table.toString();
    }

    /** A night with a tenth of the average, an evening with three times as much. */
    private static double timeOfDay(double time) {
        double wave = 1 + StrictMath.cos(2 * Math.PI * (time / DAY - 0.75));
        return 0.1 + 0.9 * wave * wave * wave / 2.5;
    }

    private String day() {
        Markdown table =
                new Markdown(
                        "converters",
                        "wait, s",
                        "on average",
                        "at most",
                        "their cores' use",
                        "jobs handed back");
        // as much as 10 converters do in the busiest hour
        double rate = 10 * f.utilisation().value() / f.meanWork() / f.peak().value();
        Load load = load((int) (2 * DAY * rate), rate).withShape(Tables::timeOfDay, 3);
        Map<String, Pool> pools = new LinkedHashMap<>();
        pools.put("10, always", Pool.of(10));
        pools.put("4, always", Pool.of(4));
        pools.put("`k8s/components/keda` as it is (1 to 20)", scaled(1, 20, 1));
        pools.put("the same, two converters for three messages", scaled(1, 20, 2 / 3.0));
        pools.put("the same, at least 4", scaled(4, 20, 2 / 3.0));
        pools.forEach((name, pool) -> {
            Result result = run(load, pool, TODAY);
            table.row(
                    name,
                    spread(result.waits()),
                    result.converterSeconds() / result.length(),
                    result.most(),
                    percent(result.used()),
                    result.handedBack());
        });
        return table.toString();
    }

    private Pool scaled(int least, int most, double messages) {
        return Pool.of(least)
                .scaled(
                        new Scaling(least, most, messages, 15, 600, 0.25, 120, 20),
                        f.starts().value());
    }

    private String lost() {
        Markdown table =
                new Markdown(
                        "a converter lives, on average",
                        "jobs that lost one",
                        "wait, s",
                        "time until done, s");
        Load load = loaded(20_000, 16, 0.7);
        Map<String, Double> lives = new LinkedHashMap<>();
        lives.put("for ever", Double.POSITIVE_INFINITY);
        lives.put("a day", DAY);
        lives.put("an hour", 3600.0);
        lives.put("ten minutes", 600.0);
        lives.put("three minutes", 180.0);
        lives.forEach((name, life) -> {
            Result result = run(load, Pool.of(16).living(life, f.starts().value()), TODAY);
            table.row(
                    name,
                    percent((double) result.lost() / load.jobs()),
                    spread(result.waits()),
                    spread(result.times()));
        });
        return table.toString();
    }
}
