package dev.tomp3.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Measures row after row, and says at the end what was found. The system is started anew for rows
 * that need another one; a row that fails does not keep the others from being measured.
 */
final class Bench {
    private static final int CORES = Runtime.getRuntime().availableProcessors();
    private static final PrintStream OUT =
            new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private static final PrintStream ERR =
            new PrintStream(System.err, true, StandardCharsets.UTF_8);

    /** So many waiting jobs must make no difference. */
    private static final int MANY_EMBEDDED = 1000;

    private static final int MANY = 100_000;
    private static final double HEAP = 256;

    private final Arguments arguments;
    private final Path work;
    private final Report report = new Report();
    private final Plots plots = new Plots();
    private final Ffmpeg ffmpeg;
    private final Media media;
    private final Videos videos;
    private final boolean given = System.getenv("TEST_MONGODB_URI") != null;
    private int systems;
    private long heap;
    private @Nullable Tomp3 running;
    private String runningStore = "";

    private Bench(Arguments arguments) throws IOException {
        this.arguments = arguments;
        work = arguments.results().resolve("tomp3-bench-work");
        delete(work);
        Files.createDirectories(work);
        ffmpeg = Ffmpeg.find(work);
        media = new Media(ffmpeg, arguments.media());
        videos = new Videos(ffmpeg, report);
    }

    /**
     * Exit status 0 when everything was measured, 1 when something failed, 2 for wrong usage.
     *
     * @param args where the project, the services and temporary files are, and the user's own
     */
    public static void main(String[] args) throws Exception {
        Arguments arguments;
        try {
            arguments = Arguments.parse(List.of(args));
        } catch (Arguments.Wrong e) {
            ERR.println("bench: " + e.getMessage() + " See ./bench --help");
            System.exit(2);
            return;
        }
        if (!Files.isReadable(Path.of("/proc/self/io"))) {
            ERR.println("bench: CPU time and memory are read from /proc, which is not here");
            System.exit(1);
        }
        // for the report alone: the servers say where they are
        System.setOut(ERR);
        Runtime.getRuntime().addShutdownHook(new Thread(Children::endAll));
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
        report.preface("limits that would be measured instead: " + new TreeMap<>(Tomp3.RAISED));
        boolean right = true;
        for (Row row : arguments.rows()) {
            try {
                measure(row);
            } catch (IOException | RuntimeException e) {
                right = false;
                if (Children.over()) break;
                report.note("%s: not measured, %s".formatted(row.name, because(e)));
                stop();
            }
            report.write(arguments.results());
        }
        stop();
        if (heap > 0)
            report.atMost("fullest heap of a service, any video", HEAP, (double) heap, " MB");
        report.note("it took %d s".formatted((System.nanoTime() - start) / 1_000_000_000));
        report.write(arguments.results());
        Path pictures =
                arguments.docs()
                        ? arguments.project().resolve("docs").resolve("performance")
                        : arguments.results();
        plots.write(pictures);
        say("everything raw is in %s, plots in %s".formatted(arguments.results(), pictures));
        OUT.print(report.markdown());
        return right;
    }

    private static String because(Throwable e) {
        Throwable cause = e.getCause();
        return cause == null ? e.toString() : e + ": " + because(cause);
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
                    Downloads.measure(report, tomp3(store), user(), media.ten(true), store);
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
                    result.byHand().median() + 0.25,
                    result.wall().median(),
                    " s");
        }
    }

    private void ten(Path video, String name, String store)
            throws IOException, InterruptedException {
        int times = times(arguments.quick() ? 3 : 5);
        figures(name, video, video(name, video, 10, times, store), 0.8, store);
    }

    private void sixty(Path video, String name, String store)
            throws IOException, InterruptedException {
        int times = times(store.equals("files") ? 3 : 2);
        figures(name, video, video(name, video, 60, times, store), 0.75, store);
    }

    private void figures(String name, Path video, Videos.Result result, double atMost, String store)
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
                "%s: driver and store alone spend %s CPU seconds on taking it in and giving it out"
                        .formatted(name, Spread.digits(stored)));
        report.atMost(
                name + " on GridFS: 1.15 x CPU time of ffmpeg, driver and store / cores",
                1.15 * (result.cpuByHand().median() + stored) / CORES,
                result.wall().median(),
                " s");
    }

    private Videos.Result video(String name, Path file, double minutes, int times, String store)
            throws IOException, InterruptedException {
        Tomp3 tomp3 = tomp3(store);
        Videos.Result result = videos.measure(name, file, times, store, tomp3, user());
        if (store.equals(arguments.store())) {
            plots.timeAgainstDuration("tomp3", minutes, result.wall().median());
            plots.timeAgainstDuration("ffmpeg", minutes, result.byHand().median());
            plots.memoryAgainstSize(
                    "services and ffmpeg", result.megabytes(), result.memory().all());
            plots.memoryAgainstSize("heap", result.megabytes(), result.memory().heap());
        }
        if (store.equals("files") || given) {
            heap = Math.max(heap, result.memory().heap());
        } else {
            report.note(
                    "%s on GridFS: the heap has the database in it, too, %d MB at most"
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
                        tomp3(store),
                        user());
        report.atMost(
                "60 min of sound: the worker's time against ffmpeg",
                0.56,
                result.converting().median(),
                " x");
    }

    private void clips(String store) throws IOException, InterruptedException {
        Clips clips = new Clips(ffmpeg, report, media.clip());
        clips.measureByHand(arguments.quick() ? 10 : 40);
        Tomp3 tomp3 = tomp3(store);
        Clips.Rate many = clips.measure("./run, " + store, tomp3, user(), 40, 8);
        if (store.equals("files")) {
            report.atLeast(
                    "30 s, 8 uploads at once, of cores / CPU time of ffmpeg",
                    88,
                    100 * many.jobsAMinute() / many.ceiling(),
                    " %");
        }
        Clips.Rate _ =
                clips.measure("./run, " + store, tomp3, user(), arguments.quick() ? 10 : 40, 1);
    }

    private void converters() throws IOException, InterruptedException {
        stop();
        Path clip = media.clip();
        Clips clips = new Clips(ffmpeg, report, clip);
        for (int converters = 1; converters <= 2; converters++) {
            try (Apart apart = apart(arguments.store(), converters)) {
                User user = apart.user();
                Videos.warmUp(user, clip, 10 * converters);
                String name = converters == 1 ? "1 converter" : converters + " converters";
                for (int atOnce : new int[] {8, 1}) {
                    Clips.Rate rate = clips.measure(name, apart, user, 40, atOnce);
                    plots.jobsAgainstConverters(
                            atOnce + " at once", converters, rate.jobsAMinute());
                }
            }
        }
    }

    private void requests() throws IOException, InterruptedException {
        stop();
        try (Apart apart = apart("files", 1)) {
            new Requests(report, arguments.quick())
                    .measure(apart, apart.user(), media.tiny(), work);
        }
    }

    private void backlog() throws IOException, InterruptedException {
        stop();
        new Backlog(report, tomp3("files"), user(), media.clip(), 40).measure(MANY_EMBEDDED);
        stop();
        if (!given) {
            report.note(
                    "%,d waiting jobs were not measured: TEST_MONGODB_URI names no MongoDB"
                            .formatted(MANY));
            return;
        }
        try (Apart apart = apart("files", 1)) {
            Videos.warmUp(apart.user(), media.clip(), 10);
            new Backlog(report, apart, apart.user(), media.clip(), 40).measure(MANY, apart);
        }
    }

    private void large() throws IOException, InterruptedException {
        stop();
        if (!Large.fits(report, work)) return;
        Path video = media.sixty(true);
        Tomp3 tomp3 = tomp3("files");
        Watch.Memory one = Large.measure(report, tomp3, user(), video, 1);
        Watch.Memory all = Large.measure(report, tomp3, user(), video, Large.uploads());
        heap = Math.max(heap, all.heap());
        report.note(
                "heap with 1 large upload %d MB, with %d %d MB"
                        .formatted(one.heap(), Large.uploads(), all.heap()));
        plots.memoryAgainstSize(
                "services and ffmpeg", Files.size(video) / 1e6 * Large.uploads(), all.all());
        plots.memoryAgainstSize("heap", Files.size(video) / 1e6 * Large.uploads(), all.heap());
        stop();
    }

    /** The system as {@code ./run} starts it, or on the MongoDB that was given; warm. */
    private Tomp3 tomp3(String store) throws IOException, InterruptedException {
        Tomp3 now = running;
        if (now != null && runningStore.equals(store)) return now;
        stop();
        if (given && store.equals("gridfs")) {
            now = apart(store, 1);
        } else {
            say("starting ./run, store " + store);
            now = new Standalone(arguments.project(), directory(), store);
        }
        running = now;
        runningStore = store;
        Videos.warmUp(now.user(), media.clip(), 5);
        return now;
    }

    private User user() throws IOException {
        return Objects.requireNonNull(running).user();
    }

    private Apart apart(String store, int converters) throws IOException, InterruptedException {
        say("starting the services apart, %d converters, store %s".formatted(converters, store));
        return new Apart(arguments.services(), directory(), store, converters);
    }

    private Path directory() {
        return work.resolve("system-" + ++systems);
    }

    private void stop() throws IOException {
        Tomp3 now = running;
        running = null;
        if (now != null) now.close();
        for (int i = 1; i <= systems; i++) {
            delete(work.resolve("system-" + i).resolve("data"));
            delete(work.resolve("system-" + i).resolve("media"));
        }
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) return;
        Files.walkFileTree(
                directory,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path visited, @Nullable IOException failure) throws IOException {
                        if (failure != null) throw failure;
                        Files.delete(visited);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
