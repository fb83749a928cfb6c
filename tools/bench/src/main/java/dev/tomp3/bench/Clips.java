package dev.tomp3.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Many clips, sent by several clients at once. */
final class Clips {
    private static final String TITLE = "Many 30-second clips";
    private static final List<String> HEAD =
            List.of(
                    "system",
                    "uploads at once",
                    "clips",
                    "errors",
                    "jobs a minute",
                    "of cores / CPU time of ffmpeg",
                    "a clip, s",
                    "CPU a clip, s",
                    "memory, MB");

    /** The poll interval of one client; it is multiplied by the number of clients. */
    private static final Duration POLL_INTERVAL = Duration.ofMillis(20);

    private static final int CORES = Runtime.getRuntime().availableProcessors();

    private final Ffmpeg ffmpeg;
    private final Report report;
    private final Path clip;

    Clips(Ffmpeg ffmpeg, Report report, Path clip) {
        this.ffmpeg = ffmpeg;
        this.report = report;
        this.clip = clip;
    }

    /**
     * The result.
     *
     * @param ceiling jobs a minute that one plain ffmpeg on each core would reach
     */
    record Rate(double jobsAMinute, double ceiling, int errors) {}

    Rate measure(String system, SystemUnderTest tomp3, User user, int clips, int atOnce)
            throws IOException, InterruptedException {
        List<Double> cpu = new ArrayList<>(plain());
        AtomicInteger left = new AtomicInteger(clips);
        Queue<Double> walls = new ConcurrentLinkedQueue<>();
        Queue<String> jobs = new ConcurrentLinkedQueue<>();
        Queue<Exception> errors = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        Usage used;
        String memory;
        double seconds;
        try (Watch watch = new Watch(tomp3)) {
            Usage before = tomp3.usage();
            long start = System.nanoTime();
            for (int i = 0; i < atOnce; i++) {
                threads.add(
                        Thread.ofPlatform()
                                .start(() -> {
                                    while (left.getAndDecrement() > 0) {
                                        try {
                                            User.Trip trip =
                                                    user.trip(
                                                            clip,
                                                            POLL_INTERVAL.multipliedBy(atOnce));
                                            walls.add(trip.wall());
                                            jobs.add(trip.job());
                                        } catch (IOException | InterruptedException e) {
                                            errors.add(e);
                                        }
                                    }
                                }));
            }
            for (Thread thread : threads) thread.join();
            seconds = User.since(start);
            used = tomp3.usage().since(before);
            memory = watch.memory().toString();
        }
        for (String job : jobs) user.delete(job);
        cpu.addAll(plain());
        Rate rate =
                new Rate(
                        walls.size() * 60 / seconds,
                        CORES * 60 / Spread.of(cpu).median(),
                        errors.size());
        report.row(
                TITLE,
                HEAD,
                List.of(
                        system,
                        Integer.toString(atOnce),
                        Integer.toString(clips),
                        Integer.toString(rate.errors),
                        Spread.digits(rate.jobsAMinute),
                        Spread.digits(100 * rate.jobsAMinute / rate.ceiling)
                                + " % of "
                                + Spread.digits(rate.ceiling),
                        Spread.of(walls).toString(),
                        Spread.digits(used.cpu() / clips),
                        memory));
        report.raw(
                "clips",
                Map.of(
                        "system", system,
                        "uploads_at_once", atOnce,
                        "clips", clips,
                        "seconds", seconds,
                        "usage", used,
                        "ffmpeg_cpu", cpu,
                        "walls", List.copyOf(walls),
                        "errors", errors.stream().map(Exception::toString).toList()));
        if (!errors.isEmpty()) throw new IOException("a clip failed", errors.peek());
        return rate;
    }

    /** Converts the same clips with plain ffmpeg, one process on each core: the upper limit. */
    void measurePlain(int clips) throws IOException, InterruptedException {
        List<Double> cpu = new ArrayList<>(plain());
        Ffmpeg.Run all = ffmpeg.convert(clip, clips, CORES);
        cpu.addAll(plain());
        double rate = clips * 60 / all.wall();
        double ceiling = CORES * 60 / Spread.of(cpu).median();
        report.row(
                TITLE,
                HEAD,
                List.of(
                        "plain ffmpeg",
                        Integer.toString(CORES),
                        Integer.toString(clips),
                        "0",
                        Spread.digits(rate),
                        Spread.digits(100 * rate / ceiling) + " % of " + Spread.digits(ceiling),
                        "",
                        Spread.digits(all.cpu() / clips),
                        ""));
        report.raw(
                "clips with plain ffmpeg", Map.of("clips", clips, "all", all, "ffmpeg_cpu", cpu));
    }

    private List<Double> plain() throws IOException, InterruptedException {
        List<Double> cpu = new ArrayList<>();
        for (int i = 0; i < 3; i++) cpu.add(ffmpeg.convert(clip).cpu());
        return cpu;
    }
}
