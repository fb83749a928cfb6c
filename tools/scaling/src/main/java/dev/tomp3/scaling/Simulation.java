package dev.tomp3.scaling;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The queue and its converters, event by event, by the rules of the system:
 *
 * <ol>
 *   <li>A free worker takes the job that {@link Backlog} says. Who has been free the longest takes
 *       the next one, as the broker deals messages out in turn.
 *   <li>The jobs of one converter share its cores evenly; one that cannot use its share leaves it
 *       to the others.
 *   <li>A converter that is killed loses its jobs. They go back to the queue when the lease is over
 *       and begin anew; another converter starts.
 *   <li>An autoscaler adds converters for messages and takes them away slowly. Who goes finishes
 *       what is nearly done and gives the rest back at once.
 * </ol>
 *
 * Messages, claims and stores take no time. The same setup gives the same result on every machine.
 */
final class Simulation {
    /** A lease is lost when its beat stood still for 8 s; the sweep looks each second. */
    private static final double LEASE = 8;

    private static final double SWEEP = 1;

    /** The autoscaler leaves smaller differences alone. */
    private static final double TOLERANCE = 0.1;

    /** It doubles at most, or adds so many, between two looks. */
    private static final int ADDED = 4;

    private enum Kind {
        ARRIVAL,
        FINISHED,
        READY,
        KILLED,
        LEASE_LOST,
        LOOK
    }

    /**
     * @param version of the converter's plans; an event of an earlier one is void
     */
    private record Event(
            double time,
            long number,
            Kind kind,
            @Nullable Converter converter,
            @Nullable Job job,
            int version) {}

    private static final class Converter {
        final List<Job> jobs = new ArrayList<>();
        final double began;
        double planned;
        int version;
        boolean leaving;
        boolean gone;

        Converter(double began) {
            this.began = began;
        }
    }

    /** At a time, so many converters were wanted. */
    private record Wanted(double time, int count) {}

    /** At a time, the number of converters became so much smaller. */
    private record Shrunk(double time, int by) {}

    /**
     * What came of it.
     *
     * @param waits from upload to the first claim, of all but the burst
     * @param times from upload to the end, of all but the burst
     * @param burstDone from the burst to the end of its last job; NaN without one
     * @param used how much of the cores' time was worked, up to the last arrival
     * @param converterSeconds of all converters together, up to the last arrival
     * @param most converters at a time
     * @param lost jobs that lost a converter
     * @param handedBack jobs given back by converters that went
     * @param mostOfOne jobs of one owner at the same time, at most
     */
    record Result(
            Times waits,
            Times times,
            double burstDone,
            double used,
            double converterSeconds,
            double length,
            int most,
            int lost,
            int handedBack,
            int mostOfOne) {}

    private final Setup.Load load;
    private final Setup.Pool pool;
    private final Chance arrivals;
    private final Chance sizes;
    private final Chance failures;
    private final Backlog backlog;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(
                    Comparator.comparingDouble(Event::time).thenComparingLong(Event::number));
    private final Deque<Converter> free = new ArrayDeque<>();
    private final List<Converter> converters = new ArrayList<>();
    private final List<Job> jobs = new ArrayList<>();
    private final int[] underWay;
    private final Deque<Wanted> wanted = new ArrayDeque<>();
    private final Deque<Shrunk> shrunk = new ArrayDeque<>();

    private double now;
    private long number;
    private int arrived;
    private int unsettled;
    private double lastArrival = Double.NaN;
    private double worked;
    private double converterSeconds;
    private int starting;
    private int most;
    private int lost;
    private int handedBack;
    private int mostOfOne;

    private Simulation(Setup setup) {
        load = setup.load();
        pool = setup.pool();
        arrivals = new Chance(setup.seed());
        sizes = new Chance(setup.seed() + 1);
        failures = new Chance(setup.seed() + 2);
        backlog = new Backlog(setup.rules().order(), setup.rules().mostAtOnce());
        underWay = new int[load.owners() + 1];
    }

    static Result run(Setup setup) {
        return new Simulation(setup).run();
    }

    private Result run() {
        for (int i = 0; i < pool.converters(); i++) begin();
        plan(nextArrival(), Kind.ARRIVAL, null, null);
        Setup.Scaling scaling = pool.scaling();
        if (scaling != null) plan(scaling.poll(), Kind.LOOK, null, null);
        while (arrived < load.jobs() || unsettled > 0) {
            Event event = events.remove();
            if (isVoid(event)) continue;
            now = event.time;
            switch (event.kind) {
                case ARRIVAL -> arrive();
                case FINISHED -> finish(converter(event), job(event));
                case READY -> {
                    starting--;
                    begin();
                }
                case KILLED -> kill(converter(event));
                case LEASE_LOST -> putBack(job(event));
                case LOOK -> {
                    if (scaling != null) look(scaling);
                }
            }
            serve();
        }
        return result();
    }

    private static boolean isVoid(Event event) {
        if (event.converter == null) return false;
        return event.converter.gone
                || (event.kind == Kind.FINISHED && event.version != event.converter.version);
    }

    private static Converter converter(Event event) {
        if (event.converter == null) throw new IllegalStateException(event.kind + " of nobody");
        return event.converter;
    }

    private static Job job(Event event) {
        if (event.job == null) throw new IllegalStateException(event.kind + " of nothing");
        return event.job;
    }

    private void plan(double time, Kind kind, @Nullable Converter converter, @Nullable Job job) {
        events.add(
                new Event(
                        time,
                        number++,
                        kind,
                        converter,
                        job,
                        converter == null ? 0 : converter.version));
    }

    // ---- jobs

    private double nextArrival() {
        double time = now;
        do time += arrivals.exponential(1 / (load.rate() * load.peak()));
        while (load.peak() > 1
                && arrivals.uniform() * load.peak() > load.shape().applyAsDouble(time));
        return time;
    }

    private void arrive() {
        accept(arrivals.below(load.owners()));
        arrived++;
        lastArrival = now;
        if (arrived == load.jobs() / 2)
            for (int i = 0; i < load.burst(); i++) accept(load.owners());
        if (arrived < load.jobs()) plan(nextArrival(), Kind.ARRIVAL, null, null);
    }

    private void accept(int owner) {
        double work = load.work().applyAsDouble(sizes);
        double widest = Math.clamp(Math.ceil(work / pool.piece()), 1, pool.widest());
        Job job = new Job(jobs.size(), owner, now, work, widest);
        jobs.add(job);
        unsettled++;
        backlog.accept(job);
    }

    private void serve() {
        while (!free.isEmpty()) {
            Converter converter = free.peek();
            if (converter.gone || converter.leaving) {
                free.remove();
                continue;
            }
            Job job = backlog.take();
            if (job == null) return;
            free.remove();
            if (Double.isNaN(job.begun)) job.begun = now;
            mostOfOne = Math.max(mostOfOne, ++underWay[job.owner]);
            advance(converter);
            converter.jobs.add(job);
            share(converter);
        }
    }

    private void finish(Converter converter, Job job) {
        advance(converter);
        converter.jobs.remove(job);
        job.done = now;
        underWay[job.owner]--;
        unsettled--;
        backlog.settled(job);
        free.add(converter);
        share(converter);
        if (converter.leaving && converter.jobs.isEmpty()) remove(converter);
    }

    private void putBack(Job job) {
        job.rest = job.work;
        underWay[job.owner]--;
        backlog.giveBack(job);
    }

    /** What was worked since the last plan. */
    private void advance(Converter converter) {
        double time = now - converter.planned;
        for (Job job : converter.jobs) {
            job.rest -= job.rate * time;
            if (arrived < load.jobs()) worked += job.rate * time;
        }
        converter.planned = now;
    }

    /** Gives each job its share, and plans for the first that will be done. */
    private void share(Converter converter) {
        converter.version++;
        double cores = pool.cores();
        int left = converter.jobs.size();
        for (Job job : converter.jobs) job.rate = 0;
        boolean narrow = true;
        while (narrow) {
            narrow = false;
            for (Job job : converter.jobs) {
                if (job.rate == 0 && job.widest <= cores / left) {
                    job.rate = job.widest;
                    cores -= job.widest;
                    left--;
                    narrow = true;
                }
            }
        }
        Job first = null;
        double soonest = Double.POSITIVE_INFINITY;
        for (Job job : converter.jobs) {
            if (job.rate == 0) job.rate = cores / left;
            double end = job.rest / job.rate;
            if (end < soonest) {
                soonest = end;
                first = job;
            }
        }
        if (first != null) plan(now + Math.max(0, soonest), Kind.FINISHED, converter, first);
    }

    // ---- converters

    private void begin() {
        Converter converter = new Converter(now);
        converters.add(converter);
        most = Math.max(most, converters.size());
        for (int i = 0; i < pool.workers(); i++) free.add(converter);
        if (Double.isFinite(pool.lives()))
            plan(now + failures.exponential(pool.lives()), Kind.KILLED, converter, null);
    }

    private void kill(Converter converter) {
        advance(converter);
        for (Job job : converter.jobs) {
            lost++;
            plan(now + LEASE + SWEEP * failures.uniform(), Kind.LEASE_LOST, null, job);
        }
        converter.jobs.clear();
        remove(converter);
        if (!converter.leaving) start();
    }

    private void start() {
        starting++;
        plan(now + pool.starts(), Kind.READY, null, null);
    }

    private void remove(Converter converter) {
        converter.version++;
        converter.gone = true;
        converters.remove(converter);
        if (arrived < load.jobs()) converterSeconds += now - converter.began;
    }

    // ---- the autoscaler

    private void look(Setup.Scaling scaling) {
        plan(now + scaling.poll(), Kind.LOOK, null, null);
        int current = starting;
        for (Converter converter : converters) if (!converter.leaving) current++;
        double ratio = unsettled / scaling.messages() / current;
        int wish =
                Math.abs(ratio - 1) <= TOLERANCE
                        ? current
                        : (int) Math.ceil(unsettled / scaling.messages());
        wish = Math.clamp(wish, scaling.least(), scaling.most());
        wanted.add(new Wanted(now, wish));
        while (wanted.element().time < now - scaling.patience()) wanted.remove();
        if (wish > current) {
            wish = Math.min(wish, Math.max(2 * current, current + ADDED));
            for (int i = current; i < wish; i++) start();
        } else if (wish < current) {
            int highest = wish;
            for (Wanted earlier : wanted) highest = Math.max(highest, earlier.count);
            while (!shrunk.isEmpty() && shrunk.element().time <= now - scaling.period())
                shrunk.remove();
            int before = current;
            for (Shrunk step : shrunk) before += step.by;
            int target = Math.max(highest, (int) Math.ceil(before * (1 - scaling.share())));
            if (target < current) {
                shrunk.add(new Shrunk(now, current - target));
                shrink(current - target, scaling.grace());
            }
        }
    }

    /** The youngest go first. */
    private void shrink(int count, double grace) {
        for (int i = converters.size() - 1; i >= 0 && count > 0; i--) {
            Converter converter = converters.get(i);
            if (converter.leaving) continue;
            count--;
            converter.leaving = true;
            advance(converter);
            for (Job job : List.copyOf(converter.jobs)) {
                if (job.rest / job.rate <= grace) continue;
                handedBack++;
                converter.jobs.remove(job);
                putBack(job);
            }
            if (converter.jobs.isEmpty()) remove(converter);
            else share(converter);
        }
    }

    // ----

    private Result result() {
        for (Converter converter : converters)
            converterSeconds += Math.max(0, lastArrival - converter.began);
        List<Job> counted =
                jobs.stream()
                        .skip(jobs.size() / 5) // until it has warmed up
                        .filter(job -> job.owner < load.owners())
                        .toList();
        double burstDone = Double.NaN;
        for (Job job : jobs)
            if (job.owner == load.owners())
                burstDone =
                        Double.isNaN(burstDone)
                                ? job.done - job.arrived
                                : Math.max(burstDone, job.done - job.arrived);
        return new Result(
                new Times(counted.stream().mapToDouble(job -> job.begun - job.arrived)),
                new Times(counted.stream().mapToDouble(job -> job.done - job.arrived)),
                burstDone,
                worked / (converterSeconds * pool.cores()),
                converterSeconds,
                lastArrival,
                most,
                lost,
                handedBack,
                mostOfOne);
    }
}
