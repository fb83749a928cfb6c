package dev.tomp3.bench;

import dev.tomp3.processes.UsageError;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.util.FileSystemUtils;

/**
 * Measures one row after the other and prints a report. A row that fails does not keep the others
 * from being measured.
 */
final class Bench {
    private static final int CORES = Runtime.getRuntime().availableProcessors();
    private static final PrintStream OUT =
            new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private static final PrintStream ERR =
            new PrintStream(System.err, true, StandardCharsets.UTF_8);

    /** Numbers of waiting jobs that must not slow the system down. */
    private static final int EMBEDDED_BACKLOG = 1000;

    private static final int BACKLOG = 100_000;
    private static final double HEAP_TARGET = 256;

    private final Arguments arguments;
    private final Path work;
    private final Report report = new Report();
    private final Plots plots = new Plots();
    private final Ffmpeg ffmpeg;
    private final Media media;
    private final Videos videos;
    private long heap;
    private final Systems systems;

    private Bench(Arguments arguments) throws IOException {
        this.arguments = arguments;
        work = arguments.results().resolve("tomp3-bench-work");
        FileSystemUtils.deleteRecursively(work);
        Files.createDirectories(work);
        ffmpeg = Ffmpeg.find(work);
        media = new Media(ffmpeg, arguments.media());
        videos = new Videos(ffmpeg, report);
        systems = new Systems(arguments, work, media);
    }

    /**
     * Exits with status 0 if everything was measured, 1 if a row failed, 2 after a usage error.
     *
     * @param args the directories of the project, the services and temporary files, then the
     *     arguments of the user
     */
    public static void main(String[] args) throws Exception {
        Arguments arguments;
        try {
            arguments = Arguments.parse(List.of(args));
        } catch (UsageError e) {
            ERR.println("bench: " + e.getMessage() + "; see ./bench --help");
            System.exit(2);
            return;
        }
        if (!Files.isReadable(Path.of("/proc/self/io"))) {
            ERR.println("bench: needs /proc to read CPU time and memory");
            System.exit(1);
        }
        // the standard output is for the report; the test servers print to it, too
        System.setOut(ERR);
        Runtime.getRuntime().addShutdownHook(new Thread(ChildProcesses::endAll));
        System.exit(new Bench(arguments).run() ? 0 : 1);
    }

    static void say(String line) {
        ERR.println("bench: " + line);
    }

    private boolean run() throws IOException, InterruptedException {
        long start = System.nanoTime();
        report.preface(
                "%s, %d cores, %s, Java %s, %s"
                        .formatted(
                                LocalDate.now(ZoneOffset.UTC),
                                CORES,
                                System.getProperty("os.arch"),
                                Runtime.version(),
                                ffmpeg.version()));
        report.preface("raised limits: " + new TreeMap<>(SystemUnderTest.RAISED_LIMITS));
        boolean complete = true;
        for (Row row : arguments.rows()) {
            try {
                measure(row);
            } catch (IOException | RuntimeException e) {
                complete = false;
                if (ChildProcesses.shutDown()) break;
                report.note("%s: not measured, %s".formatted(row.name, reason(e)));
                systems.stop();
            }
            report.write(arguments.results());
        }
        systems.stop();
        if (heap > 0)
            report.atMost(
                    "fullest heap of a service, any video", HEAP_TARGET, (double) heap, " MB");
        report.note("duration: %d s".formatted((System.nanoTime() - start) / 1_000_000_000));
        report.write(arguments.results());
        Path pictures =
                arguments.docs()
                        ? arguments.project().resolve("docs").resolve("performance")
                        : arguments.results();
        plots.write(pictures);
        say("raw results are in %s, plots in %s".formatted(arguments.results(), pictures));
        OUT.print(report.markdown());
        return complete;
    }

    private static String reason(Throwable e) {
        Throwable cause = e.getCause();
        return cause == null ? e.toString() : e + ": " + reason(cause);
    }

    private void measure(Row row) throws IOException, InterruptedException {
        String store = arguments.store();
        switch (row) {
            case CLIP -> clip(store);
            case TEN -> ten(media.ten(true), "10 min", store);
            case TEN_END -> ten(media.ten(false), "10 min, moov at the end", store);
            case SIXTY -> sixty(media.sixty(true), "60 min", store);
            case SIXTY_END -> sixty(media.sixty(false), "60 min, moov at the end", store);
            case SIXTY_MKV -> sixty(media.sixtyMkv(), "60 min, MKV", store);
            case AUDIO -> video("3 h, sound only", media.audio(3 * 3600), 180, times(2), store);
            case TRACK -> track(store);
            case GRIDFS -> {
                ten(media.ten(true), "10 min", "gridfs");
                sixty(media.sixty(true), "60 min", "gridfs");
            }
            case CLIPS -> clips(store);
            case CONVERTERS -> converters();
            case REQUESTS -> requests();
            case DOWNLOADS ->
                    Downloads.measure(
                            report, systems.shared(store), systems.user(), media.ten(true), store);
            case BACKLOG -> backlog();
            case LARGE -> large();
        }
    }

    private int times(int usual) {
        return arguments.times() > 0 ? arguments.times() : usual;
    }

    private void clip(String store) throws IOException, InterruptedException {
        int times = times(arguments.quick() ? 10 : 20);
        Videos.Result result = video("30 s", media.clip(), 0.5, times, store);
        if (store.equals("files")) {
            report.atMost(
                    "30 s: ffmpeg and 0.25 s",
                    result.plain().median() + 0.25,
                    result.wall().median(),
                    " s");
        }
    }

    private void ten(Path video, String name, String store)
            throws IOException, InterruptedException {
        int times = times(arguments.quick() ? 3 : 5);
        reportTargets(name, video, video(name, video, 10, times, store), 0.8, store);
    }

    private void sixty(Path video, String name, String store)
            throws IOException, InterruptedException {
        int times = times(store.equals("files") ? 3 : 2);
        reportTargets(name, video, video(name, video, 60, times, store), 0.75, store);
    }

    private void reportTargets(
            String name, Path video, Videos.Result result, double atMost, String store)
            throws IOException, InterruptedException {
        if (store.equals("files")) {
            report.atMost(name + ": time against ffmpeg", atMost, result.ratio().median(), " x");
            report.atMost(
                    name + ": CPU time against ffmpeg's", 1.2, result.cpuRatio().median(), " x");
            return;
        }
        double stored = StoreCost.of(video, work);
        report.raw("store", Map.of("video", name, "cpu", stored));
        report.note(
                "%s: driver and store alone use %s CPU seconds to write and read it"
                        .formatted(name, Spread.digits(stored)));
        report.atMost(
                name + " on GridFS: 1.15 x CPU time of ffmpeg, driver and store / cores",
                1.15 * (result.plainCpu().median() + stored) / CORES,
                result.wall().median(),
                " s");
    }

    private Videos.Result video(String name, Path file, double minutes, int times, String store)
            throws IOException, InterruptedException {
        SystemUnderTest tomp3 = systems.shared(store);
        Videos.Result result = videos.measure(name, file, times, store, tomp3, systems.user());
        if (store.equals(arguments.store())) {
            plots.timeAgainstDuration("tomp3", minutes, result.wall().median());
            plots.timeAgainstDuration("ffmpeg", minutes, result.plain().median());
            plots.memoryAgainstSize(
                    "services and ffmpeg", result.megabytes(), result.memory().all());
            plots.memoryAgainstSize("heap", result.megabytes(), result.memory().heap());
        }
        if (store.equals("files") || Systems.mongoIsGiven()) {
            heap = Math.max(heap, result.memory().heap());
        } else {
            report.note(
                    "%s on GridFS: the heap, which includes the embedded database, reached %d MB"
                            .formatted(name, result.memory().heap()));
        }
        return result;
    }

    private void track(String store) throws IOException, InterruptedException {
        Videos.Result result =
                videos.measure(
                        "60 min, sound only",
                        media.audio(3600),
                        times(3),
                        store,
                        systems.shared(store),
                        systems.user());
        report.atMost(
                "60 min of sound: the worker's time against ffmpeg",
                0.56,
                result.converting().median(),
                " x");
    }

    private void clips(String store) throws IOException, InterruptedException {
        Clips clips = new Clips(ffmpeg, report, media.clip());
        clips.measurePlain(arguments.quick() ? 10 : 40);
        SystemUnderTest tomp3 = systems.shared(store);
        Clips.Rate many = clips.measure("./run, " + store, tomp3, systems.user(), 40, 8);
        if (store.equals("files")) {
            report.atLeast(
                    "30 s, 8 uploads at once, of cores / CPU time of ffmpeg",
                    88,
                    100 * many.jobsAMinute() / many.ceiling(),
                    " %");
        }
        Clips.Rate _ =
                clips.measure(
                        "./run, " + store, tomp3, systems.user(), arguments.quick() ? 10 : 40, 1);
    }

    private void converters() throws IOException, InterruptedException {
        systems.stop();
        Path clip = media.clip();
        Clips clips = new Clips(ffmpeg, report, clip);
        for (int converters = 1; converters <= 2; converters++) {
            try (SeparateProcesses separate = systems.separate(arguments.store(), converters)) {
                User user = separate.user();
                Videos.warmUp(user, clip, 10 * converters);
                String name = converters == 1 ? "1 converter" : converters + " converters";
                for (int atOnce : new int[] {8, 1}) {
                    Clips.Rate rate = clips.measure(name, separate, user, 40, atOnce);
                    plots.jobsAgainstConverters(
                            atOnce + " at once", converters, rate.jobsAMinute());
                }
            }
        }
    }

    private void requests() throws IOException, InterruptedException {
        systems.stop();
        try (SeparateProcesses separate = systems.separate("files", 1)) {
            new Requests(report, arguments.quick())
                    .measure(separate, separate.user(), media.tiny(), work);
        }
    }

    private void backlog() throws IOException, InterruptedException {
        systems.stop();
        new Backlog(report, systems.shared("files"), systems.user(), media.clip(), 40)
                .measure(EMBEDDED_BACKLOG);
        systems.stop();
        if (!Systems.mongoIsGiven()) {
            report.note(
                    "%,d waiting jobs were not measured: TEST_MONGODB_URI names no MongoDB"
                            .formatted(BACKLOG));
            return;
        }
        try (SeparateProcesses separate = systems.separate("files", 1)) {
            Videos.warmUp(separate.user(), media.clip(), 10);
            new Backlog(report, separate, separate.user(), media.clip(), 40)
                    .measure(BACKLOG, separate);
        }
    }

    private void large() throws IOException, InterruptedException {
        systems.stop();
        if (!Large.fits(report, work)) return;
        Path video = media.sixty(true);
        SystemUnderTest tomp3 = systems.shared("files");
        Watch.Memory one = Large.measure(report, tomp3, systems.user(), video, 1);
        Watch.Memory all = Large.measure(report, tomp3, systems.user(), video, Large.uploads());
        heap = Math.max(heap, all.heap());
        report.note(
                "heap with 1 large upload %d MB, with %d %d MB"
                        .formatted(one.heap(), Large.uploads(), all.heap()));
        plots.memoryAgainstSize(
                "services and ffmpeg", Files.size(video) / 1e6 * Large.uploads(), all.all());
        plots.memoryAgainstSize("heap", Files.size(video) / 1e6 * Large.uploads(), all.heap());
        systems.stop();
    }
}
