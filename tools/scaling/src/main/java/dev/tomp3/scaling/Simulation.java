package dev.tomp3.scaling;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * A discrete-event simulation of the queue and its converters, by the rules of the system:
 *
 * <ol>
 *   <li>A free worker claims the next job of the {@link Backlog}. The worker that has been free for
 *       the longest time is first, because the broker distributes messages round-robin.
 *   <li>The jobs of one converter share its cores evenly. A job that cannot use its share leaves it
 *       to the others.
 *   <li>A converter that is killed loses its jobs. They return to the queue when the lease expires
 *       and start from the beginning; another converter is started.
 *   <li>An {@link Autoscaler} adds and removes converters. A removed converter finishes the jobs
 *       that are nearly done and releases the others at once.
 * </ol>
 *
 * Messages, claims and stores take no time. The same setup gives the same result on every machine.
 */
final class Simulation {
    /** A lease expires after 8 s without a heartbeat. */
    static final double LEASE = 8;

    /** The sweep looks for expired leases each second. */
    static final double SWEEP = 1;

    private enum Kind {
        ARRIVAL,
        FINISHED,
        READY,
        KILLED,
        LEASE_LOST,
        SCALE
    }

    /**
     * @param version the version of the plan of the converter; events of earlier versions are void
     */
    private record Event(
            double time,
            long number,
            Kind kind,
            @Nullable Converter converter,
            @Nullable Job job,
            int version) {}

    /**
     * The result.
     *
     * @param waits from the upload to the first claim, without the burst
     * @param times from the upload to the end, without the burst
     * @param burstDone from the burst to the end of its last job; NaN without a burst
     * @param used the utilisation of the cores, up to the last arrival
     * @param converterSeconds the total time of all converters, up to the last arrival
     * @param most the maximum number of converters
     * @param lost the number of jobs that lost their converter
     * @param released the number of jobs released by removed converters
     * @param maxOfOneOwner the maximum number of running jobs of one owner
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
            int released,
            int maxOfOneOwner) {}

    private final Setup.Load load;
    private final Setup.Pool pool;
    private final RandomNumbers arrivals;
    private final RandomNumbers sizes;
    private final RandomNumbers failures;
    private final Backlog backlog;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(
                    Comparator.comparingDouble(Event::time).thenComparingLong(Event::number));
    private final Deque<Converter> free = new ArrayDeque<>();
    private final List<Converter> converters = new ArrayList<>();
    private final List<Job> jobs = new ArrayList<>();
    private final int[] running;

    private double now;
    private long number;
    private int arrived;
    private int unfinished;
    private double lastArrival = Double.NaN;
    private double worked;
    private double converterSeconds;
    private int starting;
    private int most;
    private int lost;
    private int released;
    private int maxOfOneOwner;

    private Simulation(Setup setup) {
        load = setup.load();
        pool = setup.pool();
        arrivals = new RandomNumbers(setup.seed());
        sizes = new RandomNumbers(setup.seed() + 1);
        failures = new RandomNumbers(setup.seed() + 2);
        backlog = new Backlog(setup.rules().order(), setup.rules().maxConcurrent());
        running = new int[load.owners() + 1];
    }

    static Result run(Setup setup) {
        return new Simulation(setup).run();
    }

    private Result run() {
        for (int i = 0; i < pool.converters(); i++) begin();
        plan(nextArrival(), Kind.ARRIVAL, null, null);
        Setup.Scaling scaling = pool.scaling();
        Autoscaler autoscaler = scaling == null ? null : new Autoscaler(scaling);
        if (scaling != null) plan(scaling.poll(), Kind.SCALE, null, null);
        while (arrived < load.jobs() || unfinished > 0) {
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
                case LEASE_LOST -> requeue(job(event));
                case SCALE -> {
                    if (autoscaler != null) scale(autoscaler);
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
        if (event.converter == null)
            throw new IllegalStateException(event.kind + " without a converter");
        return event.converter;
    }

    private static Job job(Event event) {
        if (event.job == null) throw new IllegalStateException(event.kind + " without a job");
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
        double maxCores = Math.clamp(Math.ceil(work / pool.segment()), 1, pool.maxCores());
        Job job = new Job(jobs.size(), owner, now, work, maxCores);
        jobs.add(job);
        unfinished++;
        backlog.accept(job);
    }

    private void serve() {
        while (!free.isEmpty()) {
            Converter converter = free.peek();
            if (converter.gone || converter.leaving) {
                free.remove();
                continue;
            }
            Job job = backlog.claim();
            if (job == null) return;
            free.remove();
            if (Double.isNaN(job.started)) job.started = now;
            maxOfOneOwner = Math.max(maxOfOneOwner, ++running[job.owner]);
            advance(converter);
            converter.jobs.add(job);
            share(converter);
        }
    }

    private void finish(Converter converter, Job job) {
        advance(converter);
        converter.jobs.remove(job);
        job.done = now;
        running[job.owner]--;
        unfinished--;
        backlog.settled(job);
        free.add(converter);
        share(converter);
        if (converter.leaving && converter.jobs.isEmpty()) remove(converter);
    }

    private void requeue(Job job) {
        job.remaining = job.work;
        running[job.owner]--;
        backlog.release(job);
    }

    /** Accounts for the work since the last plan. */
    private void advance(Converter converter) {
        double work = converter.advance(now);
        if (arrived < load.jobs()) worked += work;
    }

    /** Assigns the cores to the jobs, and plans the end of the job that is done first. */
    private void share(Converter converter) {
        Job first = converter.share(pool.cores());
        if (first != null)
            plan(now + Math.max(0, first.remaining / first.rate), Kind.FINISHED, converter, first);
    }

    private void begin() {
        Converter converter = new Converter(now);
        converters.add(converter);
        most = Math.max(most, converters.size());
        for (int i = 0; i < pool.workers(); i++) free.add(converter);
        if (Double.isFinite(pool.lifetime()))
            plan(now + failures.exponential(pool.lifetime()), Kind.KILLED, converter, null);
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
        plan(now + pool.startTime(), Kind.READY, null, null);
    }

    private void remove(Converter converter) {
        converter.version++;
        converter.gone = true;
        converters.remove(converter);
        if (arrived < load.jobs()) converterSeconds += now - converter.began;
    }

    private void scale(Autoscaler autoscaler) {
        plan(now + autoscaler.settings().poll(), Kind.SCALE, null, null);
        int current = starting;
        for (Converter converter : converters) if (!converter.leaving) current++;
        int target = autoscaler.target(now, current, unfinished);
        for (int i = current; i < target; i++) start();
        if (target < current) remove(current - target, autoscaler.settings().grace());
    }

    /** Removes the newest converters first. */
    private void remove(int count, double grace) {
        for (int i = converters.size() - 1; i >= 0 && count > 0; i--) {
            Converter converter = converters.get(i);
            if (converter.leaving) continue;
            count--;
            converter.leaving = true;
            advance(converter);
            for (Job job : List.copyOf(converter.jobs)) {
                if (job.remaining / job.rate <= grace) continue;
                released++;
                converter.jobs.remove(job);
                requeue(job);
            }
            if (converter.jobs.isEmpty()) remove(converter);
            else share(converter);
        }
    }

    private Result result() {
        for (Converter converter : converters)
            converterSeconds += Math.max(0, lastArrival - converter.began);
        List<Job> counted =
                jobs.stream()
                        .skip(jobs.size() / 5) // the warm-up period
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
                new Times(counted.stream().mapToDouble(job -> job.started - job.arrived)),
                new Times(counted.stream().mapToDouble(job -> job.done - job.arrived)),
                burstDone,
                worked / (converterSeconds * pool.cores()),
                converterSeconds,
                lastArrival,
                most,
                lost,
                released,
                maxOfOneOwner);
    }
}
