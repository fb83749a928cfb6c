package dev.tomp3.converter.conversion;

import dev.tomp3.converter.ffmpeg.Ffmpeg;
import dev.tomp3.converter.ffmpeg.FfmpegProcess;
import dev.tomp3.converter.ffmpeg.Input;
import dev.tomp3.converter.ffmpeg.Reach;
import dev.tomp3.converter.ffmpeg.WorkDirectory;
import dev.tomp3.jobs.Failure;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs ffmpeg for a task, and kills it when it stalls, exceeds a limit, or its source fails. No
 * process outlives the call that started it.
 */
final class Supervisor {
    static final int STOPPED = -1;

    private static final Duration FIRST_CHECK = Duration.ofMillis(10);
    private static final Duration CHECK_INTERVAL = Duration.ofMillis(80);
    private static final Duration ENCODER_CHECK_INTERVAL = Duration.ofSeconds(1);

    /** One run of ffmpeg that reads the source. */
    interface Run {
        List<String> arguments(Input input);

        /** The files that it writes. */
        default List<Path> files() {
            return List.of();
        }

        FfmpegProcess.Output output();

        /** Takes a line of the log. */
        void log(String line);

        /** A number that grows while ffmpeg makes progress. */
        long advance();

        /** The length of the audio; null while it is unknown. */
        @Nullable Duration length();

        /** Whether the process need not run any longer. */
        boolean settled() throws ConversionFailed, IOException;

        /** Waits; true when all that works on the process's output has ended. */
        default boolean consumersEnded(Duration wait) throws InterruptedException {
            return true;
        }

        /** Ends all that works on the process's output. */
        default void closeConsumers() {}
    }

    private final Ffmpeg ffmpeg;
    private final Limits limits;

    Supervisor(Ffmpeg ffmpeg, Limits limits) {
        this.ffmpeg = ffmpeg;
        this.limits = limits;
    }

    /**
     * Runs ffmpeg to its end.
     *
     * @return the exit status; {@link #STOPPED} when it was stopped because everything was settled
     */
    int run(ConversionTask task, Run run)
            throws ConversionFailed, IOException, InterruptedException {
        Input input = task.input();
        Reach reach =
                new Reach(input.isPipe() ? null : task.server().proxy(), List.of(), run.files());
        Watch watch = new Watch(task, run);
        try (FfmpegProcess process =
                start(
                        task,
                        run.arguments(input),
                        reach,
                        input.isPipe(),
                        run.output(),
                        FfmpegProcess.Output.lines(run::log))) {
            try {
                if (input.isPipe()) task.server().writeTo(process.input());
                Duration wait = FIRST_CHECK;
                while (!(process.ended(wait) && run.consumersEnded(wait))) {
                    if (Thread.interrupted()) throw new InterruptedException();
                    watch.checkSource();
                    watch.checkTime();
                    if (run.settled()) return STOPPED;
                    if (wait.compareTo(CHECK_INTERVAL) < 0) wait = wait.multipliedBy(2);
                }
                watch.checkSource();
                return process.status();
            } finally {
                run.closeConsumers(); // before the process, whose output may wait for them
            }
        } finally {
            reach.deleteEmptyFiles();
        }
    }

    /**
     * Runs an encoder, which reads a file of ours, to its end.
     *
     * @return the exit status
     */
    int encode(
            ConversionTask task,
            List<String> arguments,
            Path pcm,
            FfmpegProcess.Output frames,
            Consumer<String> errors)
            throws IOException, InterruptedException {
        try (FfmpegProcess encoder =
                start(
                        task,
                        arguments,
                        new Reach(null, List.of(pcm), List.of()),
                        false,
                        frames,
                        FfmpegProcess.Output.lines(errors))) {
            while (!encoder.ended(ENCODER_CHECK_INTERVAL)) {}
            return encoder.status();
        }
    }

    private FfmpegProcess start(
            ConversionTask task,
            List<String> arguments,
            Reach reach,
            boolean piped,
            FfmpegProcess.Output out,
            FfmpegProcess.Output err)
            throws IOException {
        FfmpegProcess process =
                ffmpeg.start(
                        arguments,
                        task.directory(),
                        reach,
                        limits.wallClock(),
                        limits.maxOutput(),
                        piped,
                        out,
                        err);
        try {
            WorkDirectory.record(task.directory(), process.pid());
        } catch (IOException e) {
            process.close();
            throw e;
        }
        return process;
    }

    private final class Watch {
        private final ConversionTask task;
        private final Run run;
        private long lastProgress;
        private long advance = -1;

        Watch(ConversionTask task, Run run) {
            this.task = task;
            this.run = run;
        }

        void checkSource() throws IOException {
            IOException failure = task.server().failure();
            if (failure != null)
                throw new IOException("The video could not be read from the media store", failure);
        }

        void checkTime() throws ConversionFailed {
            long now = task.stopwatch().elapsedNanos(task.source().waitingForUpload().isZero());
            if (now > limits.wallClock(run.length(), task.source().bytes()).toNanos())
                throw new ConversionFailed(Failure.Code.TIMED_OUT);
            long reached = run.advance() + task.server().highestOffset();
            if (reached != advance || task.server().waitsForStore()) {
                advance = reached;
                lastProgress = now;
            } else if (now - lastProgress > limits.stall().toNanos()) {
                throw new ConversionFailed(Failure.Code.TIMED_OUT);
            }
        }
    }
}
