package dev.tomp3.converter.conversion;

import dev.tomp3.converter.ffmpeg.FfmpegArguments;
import dev.tomp3.converter.ffmpeg.FfmpegLog;
import dev.tomp3.converter.ffmpeg.FfmpegProcess;
import dev.tomp3.converter.ffmpeg.FfmpegReport;
import dev.tomp3.converter.ffmpeg.Input;
import dev.tomp3.converter.ffmpeg.Probe;
import dev.tomp3.converter.ffmpeg.TranscodeCommand;
import dev.tomp3.converter.mp3.EncoderPermits;
import dev.tomp3.converter.mp3.MalformedMp3;
import dev.tomp3.converter.mp3.Mp3File;
import dev.tomp3.converter.mp3.SegmentFormat;
import dev.tomp3.converter.mp3.Segments;
import dev.tomp3.converter.sound.SoundEditor;
import dev.tomp3.converter.source.Part;
import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.Option;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Processes that decode, one for each part of the source, and several that encode. */
final class SegmentedTranscode implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SegmentedTranscode.class);

    private final ConversionTask task;
    private final TranscodeCommand command;
    private final Supervisor supervisor;
    private final Judgement judgement;
    private final Progress progress;
    private final SoundEditor editor;
    private final Segments segments;
    private int status;
    private @Nullable FfmpegReport report;
    private boolean partsFound;
    private boolean inParts;
    private boolean partLost;
    private @Nullable TranscodeCommand withSurround;

    SegmentedTranscode(
            ConversionTask task,
            TranscodeCommand command,
            SegmentFormat format,
            Supervisor supervisor,
            EncoderPermits permits,
            Judgement judgement) {
        this.task = task;
        this.command = command;
        this.supervisor = supervisor;
        this.judgement = judgement;
        this.progress = new Progress(task);
        this.editor =
                new SoundEditor(
                        task.options(),
                        format,
                        task.directory().resolve("sound"),
                        judgement.maxOutput());
        this.segments =
                new Segments(
                        (pcm, frames) ->
                                supervisor.encode(
                                        task,
                                        new FfmpegArguments(command).encoder(format, pcm),
                                        pcm,
                                        frames::accept,
                                        line -> log.warn("An encoder printed: {}", line)),
                        editor,
                        permits.ofJob(),
                        task.directory(),
                        format);
    }

    TranscodeCommand command() {
        return command;
    }

    /**
     * Decodes and encodes all audio; false when the source turned out to have several parts, or
     * surround, or is an upload that must be decoded twice.
     */
    boolean run() throws ConversionFailed, IOException, InterruptedException {
        do decode(new PartDecoder(task, command, false, true));
        while (!isStopped() && task.source().isComplete() && again());
        return !isStopped() && !editor.needsAnother();
    }

    private boolean isStopped() {
        return partsFound || withSurround != null;
    }

    /** What is to be done when the run was stopped. */
    Decision instead() {
        TranscodeCommand other = withSurround;
        return partsFound || other == null
                ? new Decision.Split(streamId())
                : new Decision.Retry(other);
    }

    /** Whether all parts must be decoded once more, because the sound is too long to be kept. */
    boolean again() {
        if (!editor.needsAnother()) return false;
        editor.restart();
        report = null;
        return true;
    }

    SoundEditor editor() {
        return editor;
    }

    /** The id of the track that was decoded. */
    private int streamId() {
        Probe probe = report == null ? null : report.probe();
        return probe == null ? Part.ANY_TRACK : command.streamId(probe);
    }

    /**
     * Decodes the audio of a part behind that of the parts before it, and encodes it.
     *
     * @return whether the next part is needed, too
     */
    boolean decode(ConversionTask part, TranscodeCommand decoder, boolean last)
            throws ConversionFailed, IOException, InterruptedException {
        inParts = true;
        decode(new PartDecoder(part, decoder, true, last));
        return segments.takesMore() && !editor.needsAnother();
    }

    private void decode(PartDecoder decoding)
            throws ConversionFailed, IOException, InterruptedException {
        int ended = supervisor.run(decoding.source, decoding);
        FfmpegReport ofPart = decoding.ffmpegLog.report();
        partsFound |= decoding.findsParts(ofPart.probe());
        withSurround = decoding.withSurround(ofPart.probe());
        log.debug("ffmpeg ended with {}: {}", ended, decoding.ffmpegLog.problems());
        partLost |= inParts && ofPart.isUndecoded();
        // a part that cannot be decoded does not take the others away
        if (report == null || status != 0) status = ended;
        report = report == null ? ofPart : report.followedBy(ofPart, decoding.before);
    }

    /**
     * Joins the segments behind a head that was made of the complete file.
     *
     * @param made the command of the head
     * @param probe the complete file, or the part of which the head is
     */
    Decision join(TranscodeCommand made, @Nullable Probe probe)
            throws ConversionFailed, IOException {
        checkLimits();
        FfmpegReport decoded = Objects.requireNonNull(report);
        Probe declared = decoded.probe();
        FfmpegReport whole =
                decoded.withProbe(
                        inParts && probe != null && declared != null
                                ? probe.declaring(declared.declared())
                                : probe);
        FinishedRun run =
                new FinishedRun(
                        made.withoutCover(), // which only the head has
                        status,
                        whole,
                        SourceEnd.read(task.source(), whole),
                        task.options().strict(),
                        0,
                        partLost,
                        edit());
        Decision decision = judgement.ofExit(run);
        if (!(decision instanceof Decision.Proceed)) return decision;
        if (editor.made() == 0 && editor.taken() > 0)
            return new Decision.Fail(Failure.Code.NOTHING_LEFT);
        try {
            segments.join(task.head(), task.mp3(), command.quality() != null);
            return judgement.ofResult(run, Mp3File.read(task.mp3()));
        } catch (MalformedMp3 e) {
            throw new IllegalStateException("The segments do not make an MP3", e);
        }
    }

    private FinishedRun.@Nullable Edit edit() {
        if (!task.options().changesSound()) return null;
        Duration decoded = Duration.ofNanos(segments.decodedMicros() * 1000);
        Double end = task.options().decimal(Option.END);
        return new FinishedRun.Edit(
                decoded,
                editor.made(),
                editor.begin(),
                end != null && end * 1000 <= decoded.toMillis());
    }

    /** Stops all encoders. */
    @Override
    public void close() {
        segments.close();
    }

    private void checkLimits() throws ConversionFailed, IOException {
        progress.micros(segments.decodedMicros());
        progress.bytes(segments.bytes());
        segments.check();
        if (judgement.ofProgress(progress.decoded(), progress.bytes())
                instanceof Decision.Fail exceeded) throw new ConversionFailed(exceeded.failure());
    }

    private final class PartDecoder implements Supervisor.Run {
        private final ConversionTask source;
        private final TranscodeCommand decoder;
        private final boolean isPart;
        private final boolean last;
        private final Duration before = Duration.ofNanos(segments.decodedMicros() * 1000);
        private final FfmpegLog ffmpegLog = new FfmpegLog();
        private boolean continues;

        PartDecoder(ConversionTask source, TranscodeCommand decoder, boolean isPart, boolean last) {
            this.source = source;
            this.decoder = decoder;
            this.isPart = isPart;
            this.last = last;
        }

        @Override
        public List<String> arguments(Input input) {
            Double end = task.options().decimal(Option.END);
            return new FfmpegArguments(decoder)
                    .decoder(input, end == null ? null : end - before.toMillis() / 1000.0);
        }

        @Override
        public FfmpegProcess.Output output() {
            return pcm -> segments.cut(pcm, last);
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
            Probe probe = ffmpegLog.probe();
            Duration declared = probe == null ? null : probe.declared();
            return progress.length(declared == null ? null : before.plus(declared));
        }

        @Override
        public boolean settled() throws ConversionFailed, IOException {
            checkLimits();
            Probe probe = ffmpegLog.probe();
            if (probe == null) return false;
            if (isPart) progress.report(source.server());
            else progress.report(probe, segments.encodedMicros());
            return findsParts(probe) || withSurround(probe) != null;
        }

        private @Nullable TranscodeCommand withSurround(@Nullable Probe probe) {
            return isPart || probe == null || !ffmpegLog.mixesSurround()
                    ? null
                    : decoder.withSurround(probe, task.options());
        }

        private boolean findsParts(@Nullable Probe probe) {
            return !isPart && probe != null && source.hasParts(decoder.streamId(probe));
        }

        @Override
        public boolean consumersEnded(Duration wait) throws InterruptedException {
            if (!segments.takesMore()) return segments.ended(wait);
            continues = true;
            return true;
        }

        @Override
        public void closeConsumers() {
            if (!continues) segments.close();
        }
    }
}
