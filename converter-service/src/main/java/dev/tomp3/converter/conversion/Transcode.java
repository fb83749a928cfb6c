package dev.tomp3.converter.conversion;

import dev.tomp3.converter.ffmpeg.Ffmpeg;
import dev.tomp3.converter.ffmpeg.FfmpegArguments;
import dev.tomp3.converter.ffmpeg.FfmpegLog;
import dev.tomp3.converter.ffmpeg.FfmpegProcess;
import dev.tomp3.converter.ffmpeg.FfmpegReport;
import dev.tomp3.converter.ffmpeg.Input;
import dev.tomp3.converter.ffmpeg.Probe;
import dev.tomp3.converter.ffmpeg.SoundStart;
import dev.tomp3.converter.ffmpeg.TranscodeCommand;
import dev.tomp3.converter.mp3.EncoderPermits;
import dev.tomp3.converter.mp3.MalformedMp3;
import dev.tomp3.converter.mp3.Mp3File;
import dev.tomp3.converter.mp3.Mp3Head;
import dev.tomp3.converter.sound.SoundEditor;
import dev.tomp3.converter.sound.WavMeter;
import dev.tomp3.converter.tags.Description;
import dev.tomp3.converter.tags.Id3Tag;
import dev.tomp3.jobs.Sound;
import dev.tomp3.jobs.media.MediaFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One ffmpeg process that makes the MP3, or a part of it. */
final class Transcode implements Supervisor.Run {
    private static final Logger log = LoggerFactory.getLogger(Transcode.class);

    private static final Set<MediaFormat> LATE_TRACKS =
            Set.of(MediaFormat.MPEG_TS, MediaFormat.MPEG_PS, MediaFormat.FLV);

    enum Output {
        WHOLE,
        /** The tag and some frames, for audio that is encoded in segments. */
        HEAD,
        /** Nothing: only the properties of the input are wanted. */
        PROBE
    }

    private final Ffmpeg ffmpeg;
    private final ConversionTask task;
    private final TranscodeCommand command;
    private final Output output;
    private final boolean guessed;
    private final Judgement judgement;
    private final @Nullable SoundEditor edited;
    private final WavMeter meter = new WavMeter();
    private final FfmpegLog ffmpegLog = new FfmpegLog();
    private final Progress progress;
    private @Nullable TranscodeCommand right;
    private @Nullable Description description;
    private boolean inputJudged;
    private Decision decision = new Decision.Proceed();

    /**
     * Creates a run.
     *
     * @param guessed whether the command was chosen without knowing the input
     * @param edited the sound behind the head; null when this run makes all
     */
    Transcode(
            Ffmpeg ffmpeg,
            ConversionTask task,
            TranscodeCommand command,
            Output output,
            boolean guessed,
            Judgement judgement,
            @Nullable SoundEditor edited) {
        this.ffmpeg = ffmpeg;
        this.task = task;
        this.command = command;
        this.output = output;
        this.guessed = guessed;
        this.judgement = judgement;
        this.edited = edited;
        this.progress = new Progress(task);
    }

    /** Runs ffmpeg, and judges what became of it. */
    Decision run(Supervisor supervisor, EncoderPermits permits)
            throws ConversionFailed, IOException, InterruptedException {
        Files.deleteIfExists(file());
        Files.deleteIfExists(task.cover());
        int status;
        try (EncoderPermits.OfJob own = permits.ofJob()) {
            own.acquire(); // a job's first permit is always free
            try {
                status = supervisor.run(task, this);
            } finally {
                own.release();
            }
        }
        if (status == Supervisor.STOPPED) return decision;
        FfmpegReport report = ffmpegLog.report();
        if (report.probe() != null && !report.diskFull()) judgeInput(report.probe(), true);
        if (output == Output.PROBE || !proceeds()) return decision;
        if (output == Output.WHOLE && (findsParts(report.probe()) || findsSurround(report.probe())))
            return decision;
        log.debug("ffmpeg ended with {}: {}", status, ffmpegLog.problems());
        return judge(
                new FinishedRun(
                        command,
                        status,
                        command.copy() ? report.withoutDecoding() : report,
                        SourceEnd.read(task.source(), report),
                        task.options().strict(),
                        Files.exists(task.mp3()) ? Files.size(task.mp3()) : 0));
    }

    private Decision judge(FinishedRun run) throws IOException {
        decision = judgement.ofExit(run);
        if (!proceeds() || output == Output.HEAD) return decision;
        writeTag();
        Decision result = judgement.ofResult(run, measured());
        return result instanceof Decision.Deliver mp3 ? mp3.with(sound()) : result;
    }

    /** What is known of the sound, after a run that wrote a tag. */
    Sound sound() {
        Probe probe = Objects.requireNonNull(probe());
        Description written = Objects.requireNonNull(description);
        return new Sound(
                probe.tracks(),
                probe.audio().indexOf(command.audio(probe)) + 1,
                written.chapters(),
                edited == null ? meter.measurement().told(0) : edited.before().told(edited.gain()),
                written.tags());
    }

    private @Nullable Mp3File measured() throws IOException {
        try {
            if (!command.copy()) return Mp3File.read(task.mp3());
            Mp3Head.correctDelay(task.mp3());
            Mp3File copy = Mp3File.read(task.mp3());
            return isWhatWasDecoded(copy) ? copy : null;
        } catch (MalformedMp3 e) {
            log.debug("Not an MP3: {}", e.getMessage());
            return null;
        }
    }

    /** The edit list of an MP4 may leave out sound of which the frames are there. */
    private boolean isWhatWasDecoded(Mp3File copy) {
        Duration decoded = Duration.ofNanos(1000 * meter.micros());
        return !command.stamped()
                || ffmpegLog.report().faults().damaged() > 0
                || copy.duration().minus(decoded).abs().compareTo(Judgement.LENGTH_TOLERANCE) <= 0;
    }

    private boolean proceeds() {
        return decision instanceof Decision.Proceed;
    }

    TranscodeCommand command() {
        return command;
    }

    /** What became of the run. */
    Decision decision() {
        return decision;
    }

    /** The input, as far as ffmpeg has printed it. */
    @Nullable Probe probe() {
        return ffmpegLog.report().probe();
    }

    private Path file() {
        return output == Output.WHOLE ? task.mp3() : task.head();
    }

    @Override
    public List<String> arguments(Input input) {
        FfmpegArguments arguments = new FfmpegArguments(command);
        FfmpegArguments.Outputs outputs =
                new FfmpegArguments.Outputs(file(), task.metadata(), task.cover());
        return output == Output.WHOLE
                ? arguments.whole(input, outputs)
                : arguments.head(input, outputs);
    }

    @Override
    public List<Path> files() {
        return List.of(file(), task.metadata(), task.cover());
    }

    @Override
    public FfmpegProcess.Output output() {
        return meter::read;
    }

    @Override
    public void log(String line) {
        ffmpegLog.accept(line);
    }

    @Override
    public long advance() {
        measureProgress();
        return progress.advance();
    }

    private void measureProgress() {
        progress.micros(meter.micros());
        progress.bytes(file().toFile().length());
    }

    @Override
    public @Nullable Duration length() {
        return progress.length(ffmpegLog.probe());
    }

    @Override
    public boolean settled() throws IOException {
        Probe probe = ffmpegLog.probe();
        if (probe != null) judgeInput(probe, false);
        if (output == Output.PROBE) return inputJudged;
        if (proceeds()) {
            measureProgress();
            decision = judgement.ofProgress(progress.decoded(), progress.bytes());
        }
        if (proceeds()
                && output == Output.WHOLE
                && !findsParts(probe)
                && !findsSurround(probe)
                && probe != null) progress.report(probe);
        return !proceeds();
    }

    private boolean findsParts(@Nullable Probe probe) {
        if (probe == null) return false;
        int track = command.streamId(probe);
        if (!task.hasParts(track)) return false;
        decision = new Decision.Split(track);
        return true;
    }

    private boolean findsSurround(@Nullable Probe probe) {
        if (probe == null || !inputJudged || !ffmpegLog.mixesSurround()) return false;
        TranscodeCommand other = command.withSurround(probe, task.options());
        if (other == null) return false;
        decision = new Decision.Retry(other);
        return true;
    }

    /**
     * Rejects the input, or finds that another command is right for it. When that depends on when
     * the sound begins, the answer waits for the first of it.
     */
    private void judgeInput(Probe probe, boolean ended) throws IOException {
        if (inputJudged) return;
        if (output != Output.HEAD && !task.deep() && mayBeginLate(probe)) {
            inputJudged = true;
            decision = new Decision.LookFurther();
            return;
        }
        decision = judgement.ofInput(probe);
        if (proceeds() && !TranscodeCommand.isTrackThere(probe, task.options()))
            decision = new Decision.Fail(TrackSearch.noSuchTrack(probe));
        inputJudged = !proceeds() || (command.start() != null && !guessed);
        if (inputJudged) return;
        if (right == null) right = guessed ? right(probe) : command;
        if (right.track().equals(command.track())) {
            SoundStart start = ended ? SoundStart.IMMEDIATE : null;
            if (ffmpegLog.start() != null) start = ffmpegLog.start();
            if (start == null) return;
            right = right.startingAt(start);
        }
        inputJudged = true;
        if (!makes(right)) decision = new Decision.Retry(right);
    }

    /** Whether this run makes what the right command makes. */
    private boolean makes(TranscodeCommand right) {
        return output == Output.HEAD
                ? right.equals(command)
                : right.segments() == null
                        && right.equals(command.startingAt(SoundStart.IMMEDIATE));
    }

    private TranscodeCommand right(Probe probe) throws IOException {
        return TranscodeCommand.of(
                probe,
                SegmentLength.of(probe, task.source()),
                task.options(),
                ffmpeg.undecodable(probe));
    }

    /** Whether it is of a format in which a track is known only when its first packet comes. */
    private boolean mayBeginLate(Probe probe) {
        boolean known = probe.audio().stream().anyMatch(audio -> audio.sampleRate() > 0);
        return !known && probe.format().map(LATE_TRACKS::contains).orElse(false);
    }

    /** Writes the tag before the frames; that of a head needs all of the sound behind it. */
    void writeTag() throws IOException {
        if (!Files.exists(file())) return;
        Probe probe = probe();
        boolean mp3 = probe != null && probe.container().equals("mp3");
        Description written =
                Description.of(
                        task.metadata(),
                        mp3 ? task.source() : null,
                        task.title(),
                        task.options(),
                        begin(),
                        edited == null ? Duration.ofNanos(1000 * meter.micros()) : edited.length());
        description = written;
        Id3Tag.insert(
                Id3Tag.of(
                        written,
                        edited == null ? meter.measurement() : edited.result(),
                        Files.exists(task.givenCover()) ? task.givenCover() : task.cover()),
                file());
    }

    /** Where in the time of the source the MP3 begins. */
    private Duration begin() {
        Duration cut = edited == null ? Duration.ZERO : edited.begin();
        Double stamp = ffmpegLog.stamp();
        if (stamp == null || !command.stamped()) return cut;
        SoundStart start = command.start();
        double silence = start == null ? 0 : start.silence();
        return cut.plusNanos(Math.round(1e9 * (stamp - silence)));
    }
}
