package dev.tomp3.converter.conversion;

import dev.tomp3.converter.ffmpeg.Probe;
import dev.tomp3.converter.source.SourceServer;
import dev.tomp3.jobs.Option;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How far a transcode is: the audio and bytes so far, and the percentage that the user sees. */
final class Progress {
    private static final Duration REPORT_INTERVAL = Duration.ofMillis(500);

    private final ConversionTask task;
    private volatile long micros;
    private volatile long bytes;
    private long lastReport;

    Progress(ConversionTask task) {
        this.task = task;
        this.lastReport = task.stopwatch().lastReading();
    }

    void micros(long reached) {
        micros = reached;
    }

    void bytes(long written) {
        bytes = written;
    }

    /** The length of the audio so far, up to the end that the options name. */
    Duration decoded() {
        Double end = task.options().decimal(Option.END);
        return Duration.ofNanos(
                1000 * (end == null ? micros : Math.min(micros, Math.round(end * 1e6))));
    }

    long bytes() {
        return bytes;
    }

    /** A number that grows with everything that is made. */
    long advance() {
        return micros + bytes;
    }

    /** The declared length, or the length so far when that is longer. */
    @Nullable Duration length(@Nullable Probe probe) {
        return length(probe == null ? null : probe.declared());
    }

    /** The declared length, or the length so far when that is longer. */
    @Nullable Duration length(@Nullable Duration declared) {
        Duration reached = decoded();
        return declared != null && declared.compareTo(reached) < 0 ? reached : declared;
    }

    void report(Probe probe) {
        report(probe, micros);
    }

    void report(Probe probe, long doneMicros) {
        Duration declared = probe.duration();
        report(
                doneMicros > 0 && declared != null
                        ? doneMicros / 1000.0 / Math.max(1, declared.toMillis())
                        : share(task.server().highestOffset()));
    }

    /** Reports the share of the source that a server has served. */
    void report(SourceServer server) {
        report(share(server.highestOffset()));
    }

    private double share(long offset) {
        return (double) offset / Math.max(1, task.source().bytes());
    }

    /** Tells the task's listener, unless it was told a moment ago. */
    private void report(double share) {
        long now = task.stopwatch().lastReading();
        if (now - lastReport < REPORT_INTERVAL.toNanos()) return;
        lastReport = now;
        task.progress().accept(Math.clamp(Math.round(100 * share), 0, 99));
    }
}
