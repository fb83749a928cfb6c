package dev.tomp3.converter.ffmpeg;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The expression that ffmpeg evaluates for each piece of sound, so that the MP3 keeps the time of
 * the recording. docs/audio.md says what it does and why.
 *
 * <p>The stamp of a piece is compared with an absolute position, the number of samples before it,
 * so that no rounding accumulates. ffmpeg prints what the expression finds as pairs of numbers,
 * which {@code Timeline.Reader} reads.
 */
final class RecordingClock {
    /** In seconds; a longer gap is a jump of the clock. */
    private static final int LONGEST_GAP = 10;

    /** In seconds: devices, and containers that round, are that imprecise. */
    static final double JITTER = 0.0765;

    /** In seconds: a piece that follows on the one before it. */
    static final double ROUNDING = 0.003;

    private static final double SAME_STAMP = 0.001;

    /** Added to what is printed for a frame that is copied, to tell it from the rest. */
    static final double FRAME = 1e10;

    /** Printed before the stamp of the first piece, where others have a position. */
    static final int START = -1;

    // the registers of the expression; times are in samples
    private static final String SILENCE = "0"; // inserted so far
    private static final String OFFSET = "1"; // of the source's clock to the position
    private static final String ANCHOR = "2"; // the offset before the clock last stepped
    private static final String END = "3"; // of the piece before
    private static final String CREDIT = "4"; // pieces that followed on another, less gaps
    private static final String EVENT = "5"; // in seconds: a gap, or minus a jump
    private static final String EVENT_POSITION = "6";
    private static final String DEVIATION = "7";
    private static final String LAST_STEP = "8"; // the position at which the clock last stepped
    private static final String STAMP = "9";

    /** The position in the MP3. */
    private static final String MADE = "(N+ld(" + SILENCE + "))";

    private RecordingClock() {}

    /** The filters that fill gaps in decoded sound. */
    static String filter(@Nullable SoundStart start) {
        return "asetpts='%s',%s:async=1:min_hard_comp=0.01:first_pts=0"
                .formatted(sequence(expression(start), MADE), ChannelMix.NORMALIZED);
    }

    /** The filters for sound of which the stamps say nothing. */
    static String filterUnstamped() {
        return "asetpts=N/SR/TB," + ChannelMix.NORMALIZED;
    }

    /**
     * The bitstream filter that prints for each MP3 frame that is copied how far its stamp is from
     * its position, and takes the position for the stamp. Up to 4.4 it can hold no comma, and so no
     * condition.
     */
    static String bitstreamFilter() {
        String position = "576*(1+floor(SR/32000))*N/SR";
        return "setts=pts=print(%1$s+PTS*TB-%2$s);%2$s/TB:dts=%2$s/TB"
                .formatted(number(FRAME), position);
    }

    private static String expression(@Nullable SoundStart start) {
        String known =
                sequence(
                        printEvent(),
                        store(STAMP, "round(PTS*TB*SR)"),
                        store(DEVIATION, load(STAMP) + "-" + MADE + "-" + load(OFFSET)),
                        choose("not(N)", first(start), next()),
                        store(END, load(STAMP) + "+S"));
        return choose("gte(PTS,-1e18)", known, store(END, load(END) + "+S"));
    }

    /** An event is printed with the next piece: behind the last one, ffmpeg asks once more. */
    private static String printEvent() {
        return when(
                load(EVENT),
                sequence(print(load(EVENT_POSITION)), print(load(EVENT)), store(EVENT, "0")));
    }

    private static String first(@Nullable SoundStart start) {
        String silence =
                start == null || start.silence() == 0
                        ? "0"
                        : when(
                                isBelow(
                                        "abs(%s-%s)".formatted(load(STAMP), samples(start.stamp())),
                                        SAME_STAMP),
                                sequence(
                                        event(number(start.silence()), "0"),
                                        store(
                                                SILENCE,
                                                "round(%s)".formatted(samples(start.silence())))));
        return sequence(
                print(Integer.toString(START)),
                print(load(STAMP) + "/SR"),
                silence,
                store(OFFSET, load(STAMP) + "-" + load(SILENCE)),
                store(ANCHOR, load(OFFSET)));
    }

    private static String next() {
        String follows = isBelow("abs(" + load(STAMP) + "-" + load(END) + ")", ROUNDING);
        String drifts =
                store(
                        OFFSET,
                        "%s+%s-%s*(2*gt(%s,0)-1)"
                                .formatted(
                                        load(OFFSET),
                                        load(DEVIATION),
                                        samples(JITTER),
                                        load(DEVIATION)));
        String returns = "abs(%s+%s-%s)".formatted(load(DEVIATION), load(OFFSET), load(ANCHOR));
        String stepped =
                choose(
                        isBelow(returns, JITTER),
                        store(OFFSET, load(ANCHOR)),
                        choose(
                                "between(%s,0,%s)*gt(%s,0)"
                                        .formatted(
                                                load(DEVIATION),
                                                samples(LONGEST_GAP),
                                                load(CREDIT)),
                                gap(),
                                jump()));
        return sequence(
                when(follows, store(CREDIT, load(CREDIT) + "+1")),
                when(
                        "not(" + isBelow("abs(" + load(DEVIATION) + ")", JITTER) + ")",
                        choose(follows, drifts, stepped)));
    }

    private static String gap() {
        return sequence(
                event(load(DEVIATION) + "/SR", MADE + "/SR"),
                store(CREDIT, load(CREDIT) + "-1"),
                store(SILENCE, load(SILENCE) + "+" + load(DEVIATION)));
    }

    private static String jump() {
        String isReported =
                "gt(%s,%s)+lt(%s*TB*SR,%s)"
                        .formatted(
                                load(DEVIATION),
                                samples(LONGEST_GAP),
                                "(PTS-STARTPTS)",
                                samples(-LONGEST_GAP));
        return sequence(
                when(isReported, event("-abs(" + load(DEVIATION) + ")/SR", MADE + "/SR")),
                when("gt(N-%s,SR)".formatted(load(LAST_STEP)), store(ANCHOR, load(OFFSET))),
                store(LAST_STEP, "N"),
                store(OFFSET, load(OFFSET) + "+" + load(DEVIATION)));
    }

    private static String event(String seconds, String position) {
        return sequence(store(EVENT_POSITION, position), store(EVENT, seconds));
    }

    private static String isBelow(String samples, double seconds) {
        return "lte(" + samples + "," + samples(seconds) + ")";
    }

    private static String samples(double seconds) {
        return "(" + number(seconds) + "*SR)";
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.6f", value);
    }

    private static String load(String register) {
        return "ld(" + register + ")";
    }

    private static String store(String register, String value) {
        return "st(" + register + "," + value + ")";
    }

    private static String print(String value) {
        return "print(" + value + ")";
    }

    private static String when(String condition, String then) {
        return "if(" + condition + "," + then + ")";
    }

    private static String choose(String condition, String then, String otherwise) {
        return "if(" + condition + "," + then + "," + otherwise + ")";
    }

    private static String sequence(String... parts) {
        return "(" + String.join(";", parts) + ")";
    }
}
