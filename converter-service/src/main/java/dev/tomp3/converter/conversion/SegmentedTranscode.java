package dev.tomp3.converter.conversion;

import dev.tomp3.converter.ffmpeg.FfmpegLog;
import dev.tomp3.converter.ffmpeg.FfmpegProcess;
import dev.tomp3.converter.ffmpeg.FfmpegReport;
import dev.tomp3.converter.ffmpeg.Probe;
import dev.tomp3.converter.ffmpeg.TranscodeCommand;
import dev.tomp3.converter.mp3.EncoderPermits;
import dev.tomp3.converter.mp3.MalformedMp3;
import dev.tomp3.converter.mp3.Mp3File;
import dev.tomp3.converter.mp3.SegmentFormat;
import dev.tomp3.converter.mp3.Segments;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One ffmpeg process that decodes, and several that encode. */
final class SegmentedTranscode implements Supervisor.Run {
    private static final Logger log = LoggerFactory.getLogger(SegmentedTranscode.class);

    private final ConversionTask task;
    private final TranscodeCommand command;
    private final Judgement judgement;
    private final FfmpegLog ffmpegLog = new FfmpegLog();
    private final Progress progress;
    private final Segments segments;
    private int status;

    SegmentedTranscode(
            ConversionTask task,
            TranscodeCommand command,
            SegmentFormat format,
            Supervisor supervisor,
            EncoderPermits permits,
            Judgement judgement) {
        this.task = task;
        this.command = command;
        this.judgement = judgement;
        this.progress = new Progress(task);
        this.segments =
                new Segments(
                        (pcm, frames) ->
                                supervisor.encode(
                                        task,
                                        command.encoder(format, pcm),
                                        frames::accept,
                                        line -> log.warn("An encoder printed: {}", line)),
                        permits.ofJob(),
                        task.directory(),
                        format);
    }

    TranscodeCommand command() {
        return command;
    }

    /** Decodes and encodes all audio. */
    void run(Supervisor supervisor) throws ConversionFailed, IOException, InterruptedException {
        status = supervisor.run(task, this);
    }

    /**
     * Joins the segments behind a head that was made of the complete file.
     *
     * @param probe the complete file
     */
    Decision join(@Nullable Probe probe) throws ConversionFailed, IOException {
        settled();
        FfmpegReport report = ffmpegLog.report().withProbe(probe);
        log.debug("ffmpeg ended with {}: {}", status, ffmpegLog.problems());
        Judgement.Run run =
                new Judgement.Run(
                        command.withoutCover(), // which only the head has
                        status,
                        report,
                        SourceEnd.read(task.source(), report),
                        task.options().strict(),
                        0);
        Decision decision = judgement.ofExit(run);
        if (!(decision instanceof Decision.Proceed)) return decision;
        try {
            segments.join(task.head(), task.mp3(), command.quality() != null);
            return judgement.ofResult(run, Mp3File.read(task.mp3()));
        } catch (MalformedMp3 e) {
            throw new IllegalStateException("The segments do not make an MP3", e);
        }
    }

    @Override
    public List<String> arguments(TranscodeCommand.Input input) {
        return command.decoder(input);
    }

    @Override
    public FfmpegProcess.Output output() {
        return segments::cut;
    }

    @Override
    public void log(String line) {
        ffmpegLog.accept(line);
    }

    @Override
    public long advance() {
        return segments.decodedMicros() + segments.bytes();
    }

    @Override
    public @Nullable Duration length() {
        return progress.length(ffmpegLog.probe());
    }

    @Override
    public boolean settled() throws ConversionFailed, IOException {
        progress.micros(segments.decodedMicros());
        progress.bytes(segments.bytes());
        segments.check();
        if (judgement.ofProgress(progress.decoded(), progress.bytes())
                instanceof Decision.Fail exceeded) throw new ConversionFailed(exceeded.failure());
        Probe probe = ffmpegLog.probe();
        if (probe != null) progress.report(probe, segments.encodedMicros());
        return false;
    }

    @Override
    public boolean consumersEnded(Duration wait) throws InterruptedException {
        return segments.ended(wait);
    }

    @Override
    public void closeConsumers() {
        segments.close();
    }
}
