package dev.tomp3.converter.ffmpeg;

import dev.tomp3.jobs.Warning;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How the time of a recording became the time of an MP3.
 *
 * @param filled the silence that stands for missing sound
 * @param firstGap where in the MP3 the first of it begins; null when there is none
 * @param firstJump where in the MP3 the source's clock first jumps; null when it never does
 * @param copyBroken whether time is missing in frames that were copied, where nothing is filled
 */
public record Timeline(
        Duration filled,
        @Nullable Duration firstGap,
        @Nullable Duration firstJump,
        boolean copyBroken) {

    /** The time of a recording without gaps and jumps. */
    public static final Timeline CONTINUOUS = new Timeline(Duration.ZERO, null, null, false);

    /**
     * The time of two parts that are joined.
     *
     * @param length of the first
     */
    Timeline followedBy(Timeline next, Duration length) {
        return new Timeline(
                filled.plus(next.filled),
                earlier(firstGap, next.firstGap, length),
                earlier(firstJump, next.firstJump, length),
                copyBroken || next.copyBroken);
    }

    private static @Nullable Duration earlier(
            @Nullable Duration first, @Nullable Duration next, Duration length) {
        return first != null || next == null ? first : length.plus(next);
    }

    /** What the user should know. */
    public List<Warning> warnings() {
        List<Warning> warnings = new ArrayList<>();
        if (firstGap != null) {
            warnings.add(
                    new Warning(
                            Warning.Code.GAPS_FILLED,
                            "%s of sound are missing in the file. Silence fills the gaps, so that the MP3 keeps the time of the recording."
                                    .formatted(seconds(filled)),
                            firstGap.toMillis()));
        }
        if (firstJump != null) {
            warnings.add(
                    new Warning(
                            Warning.Code.DISCONTINUITY,
                            "The clock of the recording jumps. The MP3 continues without a pause.",
                            firstJump.toMillis()));
        }
        return warnings;
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }

    /** Reads the pairs of numbers that {@link RecordingClock} lets ffmpeg print. */
    static final class Reader {
        private static final Pattern NUMBER = Pattern.compile("-?\\d{1,12}\\.\\d{6}");

        private @Nullable Double first;
        private @Nullable Double stamp;
        private double base;
        private double filled;
        private @Nullable Double firstGap;
        private @Nullable Double firstJump;

        private @Nullable Double deviation;
        private double offset;
        private boolean copyBroken;

        /** Takes a line that ffmpeg printed without a name. */
        void accept(String line) {
            if (!NUMBER.matcher(line).matches()) return;
            double number = Double.parseDouble(line);
            if (first == null) {
                if (number > RecordingClock.FRAME / 2) frame(number - RecordingClock.FRAME);
                else first = number;
                return;
            }
            double position = base + first;
            if (first == RecordingClock.START) start(number);
            else if (number > 0) {
                filled += number;
                if (firstGap == null) firstGap = position;
            } else if (firstJump == null) firstJump = position;
            first = null;
        }

        /** When the format of the sound changes, ffmpeg starts anew, and so do the positions. */
        private void start(double number) {
            if (stamp == null) stamp = number;
            else base = Math.max(base, number - stamp);
        }

        /** Only time that is missing needs decoding; drift and steps back do not. */
        private void frame(double number) {
            double before = deviation == null ? number : deviation;
            if (deviation == null) {
                offset = number;
                stamp = number;
            }
            deviation = number;
            boolean follows = Math.abs(number - before) <= RecordingClock.ROUNDING;
            double moved = number - offset;
            if (Math.abs(moved) <= RecordingClock.JITTER) return;
            if (follows) offset = number - Math.copySign(RecordingClock.JITTER, moved);
            else if (moved < 0) offset = number;
            else copyBroken = true;
        }

        /** The stamp of the first sound, in seconds; null before there is any. */
        @Nullable Double stamp() {
            return stamp;
        }

        Timeline timeline() {
            return new Timeline(
                    duration(filled),
                    firstGap == null ? null : duration(firstGap),
                    firstJump == null ? null : duration(firstJump),
                    copyBroken);
        }

        private static Duration duration(double seconds) {
            return Duration.ofMillis(Math.round(seconds * 1000));
        }
    }
}
