package dev.tomp3.bench;

import dev.tomp3.bench.User.Trip;
import dev.tomp3.bench.Watch.Memory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Converts one video at a time, in turns with plain ffmpeg on the same file. */
final class Videos {
    private static final String TITLE = "One video at a time";
    private static final List<String> HEAD =
            List.of(
                    "video",
                    "store",
                    "times",
                    "tomp3, s",
                    "ffmpeg, s",
                    "ratio",
                    "CPU tomp3, s",
                    "CPU ffmpeg, s",
                    "ratio",
                    "memory, MB",
                    "heap full / live, MB",
                    "read, written a byte",
                    "from, to disk a byte");
    private static final Duration POLL_INTERVAL = Duration.ofMillis(20);

    private final Ffmpeg ffmpeg;
    private final Report report;

    Videos(Ffmpeg ffmpeg, Report report) {
        this.ffmpeg = ffmpeg;
        this.report = report;
    }

    /** One turn. */
    private record Turn(Ffmpeg.Run plain, Trip trip, Usage usage) {}

    /**
     * The result of all turns.
     *
     * @param wall seconds
     * @param plain seconds
     * @param ratio of the two, by turn
     * @param cpuRatio of their CPU times, by turn
     * @param plainCpu seconds
     * @param converting the duration of the conversion in the converter, relative to plain ffmpeg
     * @param megabytes of the video
     */
    record Result(
            Spread wall,
            Spread plain,
            Spread ratio,
            Spread cpuRatio,
            Spread plainCpu,
            Spread converting,
            Memory memory,
            double megabytes) {}

    /** Sends some clips that are not measured, to warm up the JVMs. */
    static void warmUp(User user, Path clip, int times) throws IOException, InterruptedException {
        for (int i = 0; i < times; i++) user.delete(user.trip(clip, POLL_INTERVAL).job());
    }

    Result measure(
            String name, Path video, int times, String store, SystemUnderTest tomp3, User user)
            throws IOException, InterruptedException {
        long bytes = Files.size(video);
        List<Turn> turns = new ArrayList<>();
        Memory memory;
        Media.warm(video);
        try (Watch watch = new Watch(tomp3)) {
            for (int i = 0; i < times; i++) {
                Ffmpeg.Run plain = ffmpeg.convert(video);
                Usage before = tomp3.usage();
                Trip trip = user.trip(video, POLL_INTERVAL);
                Turn turn = new Turn(plain, trip, tomp3.usage().since(before));
                turns.add(turn);
                user.delete(trip.job());
                report.raw(name, raw(store, bytes, turn));
            }
            memory = watch.memory();
        }
        Result result =
                new Result(
                        spread(turns, turn -> turn.trip.wall()),
                        spread(turns, turn -> turn.plain.wall()),
                        spread(turns, turn -> turn.trip.wall() / turn.plain.wall()),
                        spread(turns, turn -> turn.usage.cpu() / turn.plain.cpu()),
                        spread(turns, turn -> turn.plain.cpu()),
                        spread(turns, turn -> turn.trip.converting() / turn.plain.wall()),
                        memory,
                        bytes / 1e6);
        report.row(TITLE, HEAD, row(name, store, turns, result, bytes));
        return result;
    }

    private static List<String> row(
            String name, String store, List<Turn> turns, Result result, long bytes) {
        return List.of(
                name,
                store,
                Integer.toString(turns.size()),
                result.wall.toString(),
                result.plain.toString(),
                result.ratio.toString(),
                spread(turns, turn -> turn.usage.cpu()).toString(),
                result.plainCpu.toString(),
                result.cpuRatio.toString(),
                result.memory.toString(),
                result.memory.heap() + " / " + result.memory.live(),
                each(turns, bytes, Usage::read) + ", " + each(turns, bytes, Usage::written),
                each(turns, bytes, Usage::fromDisk) + ", " + each(turns, bytes, Usage::toDisk));
    }

    private static String each(List<Turn> turns, long bytes, ToDoubleFunction<Usage> what) {
        return Spread.digits(
                spread(turns, turn -> what.applyAsDouble(turn.usage) / bytes).median());
    }

    private static Spread spread(List<Turn> turns, ToDoubleFunction<Turn> what) {
        return Spread.of(turns.stream().mapToDouble(what).toArray());
    }

    private static Map<String, Object> raw(String store, long bytes, Turn turn) {
        Map<String, Object> raw = new LinkedHashMap<>();
        raw.put("store", store);
        raw.put("bytes", bytes);
        raw.put("ffmpeg", turn.plain);
        raw.put("tomp3", turn.trip);
        raw.put("usage", turn.usage);
        return raw;
    }
}
