package dev.tomp3.converter.conversion;

import dev.tomp3.converter.ffmpeg.Ffmpeg;
import dev.tomp3.converter.ffmpeg.Probe;
import dev.tomp3.converter.ffmpeg.SoundStart;
import dev.tomp3.converter.ffmpeg.TranscodeCommand;
import dev.tomp3.converter.mp3.EncoderPermits;
import dev.tomp3.converter.mp3.SegmentFormat;
import dev.tomp3.converter.sound.SoundEditor;
import dev.tomp3.converter.source.Part;
import dev.tomp3.converter.source.PartSearch;
import dev.tomp3.converter.source.Source;
import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.Options;
import dev.tomp3.jobs.Warning;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes an MP3 of a video with ffmpeg.
 *
 * <ol>
 *   <li>ffmpeg starts with the command that is right for most files. What it prints about its input
 *       decides whether the file is rejected, or another command is right for it.
 *   <li>Short audio is made by one process. Long audio is decoded by one process and encoded by
 *       several, in segments, which are joined behind a head.
 *   <li>Time, size and progress are watched while ffmpeg runs.
 *   <li>{@link Judgement} decides whether the result is delivered.
 * </ol>
 *
 * <p>A conversion fails in three ways: {@link ConversionFailed} is caused by the file and final; an
 * {@link IOException} is caused by the store or the disk, and another attempt may succeed; any
 * other exception is an internal error. Interrupting the thread kills ffmpeg and ends the
 * conversion with {@link InterruptedException}. In no case is a process left.
 */
public final class Conversion {
    /** Failures of a file that may still have audio that ffmpeg did not find. */
    private static final Set<Failure.Code> NOTHING_HEARD =
            Set.of(
                    Failure.Code.NO_AUDIO_TRACK,
                    Failure.Code.NOT_MEDIA,
                    Failure.Code.CORRUPT,
                    Failure.Code.UNSUPPORTED_CODEC);

    private static final Duration SEGMENT_OF_PARTS = Duration.ofMinutes(2);

    private record Decodable(Part part, TranscodeCommand command) {}

    private final Ffmpeg ffmpeg;
    private final EncoderPermits permits;
    private final Limits limits;
    private final Supervisor supervisor;
    private final Judgement judgement;
    private final LongSupplier nanoTime;

    /** Creates a conversion that measures time with the system's clock. */
    public Conversion(Ffmpeg ffmpeg, EncoderPermits permits, Limits limits) {
        this(ffmpeg, permits, limits, System::nanoTime);
    }

    Conversion(Ffmpeg ffmpeg, EncoderPermits permits, Limits limits, LongSupplier nanoTime) {
        this.ffmpeg = ffmpeg;
        this.permits = permits;
        this.limits = limits;
        this.supervisor = new Supervisor(ffmpeg, limits);
        this.judgement = new Judgement(limits);
        this.nanoTime = nanoTime;
    }

    /** The same, for an MP3 that has at most this many bytes. */
    public Conversion within(long bytes) {
        return bytes >= limits.maxOutput()
                ? this
                : new Conversion(ffmpeg, permits, limits.withMaxOutput(bytes), nanoTime);
    }

    /**
     * Converts a video that is complete.
     *
     * @param fileName the user's, for the title
     * @param directory an empty directory for this attempt; the result is in it
     * @param progress is told 0 to 99, at most twice a second
     */
    public Mp3 run(
            Source source, String fileName, Options options, Path directory, IntConsumer progress)
            throws ConversionFailed, IOException, InterruptedException {
        try (ConversionTask task = open(source, fileName, options, directory, progress)) {
            return convert(task);
        }
    }

    /** Where in an attempt's directory the user's own cover lies, if there is one. */
    public static Path givenCover(Path directory) {
        return ConversionTask.givenCover(directory);
    }

    ConversionTask open(
            Source source, String fileName, Options options, Path directory, IntConsumer progress)
            throws IOException {
        return ConversionTask.open(source, fileName, options, directory, progress, nanoTime);
    }

    Mp3 convert(ConversionTask task) throws ConversionFailed, IOException, InterruptedException {
        try {
            return convertWhole(task);
        } catch (ConversionFailed e) {
            if (!NOTHING_HEARD.contains(e.failure().code())) throw e;
            List<Part> parts = parts(task, Part.ANY_TRACK);
            if (task.server().parts().isScrambled())
                throw new ConversionFailed(Failure.Code.ENCRYPTED);
            boolean known = parts.isEmpty() || (parts.size() == 1 && parts.getFirst().from() == 0);
            if (known) throw e;
            return convertInParts(task, parts);
        }
    }

    private Mp3 convertWhole(ConversionTask task)
            throws ConversionFailed, IOException, InterruptedException {
        TranscodeCommand command = TranscodeCommand.usual(task.options());
        TrackSearch tracks = new TrackSearch(ffmpeg);
        for (boolean guessed = true; ; guessed = false) {
            Decision decision = transcode(task, command, guessed);
            switch (decision) {
                case Decision.Retry(TranscodeCommand other) -> command = other;
                case Decision.NextTrack undecodable -> command = tracks.after(undecodable, task);
                case Decision.LookFurther _ -> {
                    return convertWhole(task.withDeepProbe());
                }
                case Decision.Split(int track) -> {
                    return convertInParts(task, parts(task, track));
                }
                default -> {
                    return deliver(task, decision);
                }
            }
        }
    }

    private static List<Part> parts(ConversionTask task, int track) throws IOException {
        PartSearch search = task.server().parts();
        search.complete(task.source());
        return search.parts(track);
    }

    /**
     * Converts a source whose audio goes on in another way: each part is decoded by its own
     * process, one after the other, to the format of the first, so that each byte of a part is
     * decoded once. A part without audio is left out, and so is one behind the end that the options
     * name.
     */
    private Mp3 convertInParts(ConversionTask task, List<Part> parts)
            throws ConversionFailed, IOException, InterruptedException {
        List<Decodable> decodable = decodable(task, parts);
        if (decodable.isEmpty()) throw new ConversionFailed(Failure.Code.NO_AUDIO_TRACK);
        TranscodeCommand first = decodable.getFirst().command();
        SegmentFormat format = Objects.requireNonNull(first.segments());
        try (SegmentedTranscode segments = segments(task, first, format)) {
            do {
                boolean more = true;
                for (int i = 0; more && i < decodable.size(); i++) {
                    Decodable next = decodable.get(i);
                    try (ConversionTask part = task.ofPart(next.part())) {
                        more = segments.decode(part, next.command(), i == decodable.size() - 1);
                    }
                }
            } while (segments.again());
            return deliver(task, join(task, segments, decodable));
        }
    }

    /** Joins the segments of all parts behind a head of the first of them that can be decoded. */
    private Decision join(
            ConversionTask task, SegmentedTranscode segments, List<Decodable> decodable)
            throws ConversionFailed, IOException, InterruptedException {
        ConversionTask heads = task.withTimeFromNow();
        Decision first = null;
        for (Decodable next : decodable) {
            try (ConversionTask part = heads.ofPart(next.part())) {
                Transcode head = makeHead(part, next.command(), segments.editor(), false);
                if (!isUndecodable(head.decision())) return join(segments, head);
                if (first == null) first = head.decision();
            }
        }
        return Objects.requireNonNull(first);
    }

    private static boolean isUndecodable(Decision decision) {
        return decision instanceof Decision.NextTrack
                || (decision instanceof Decision.Fail(Failure failure)
                        && NOTHING_HEARD.contains(failure.code()));
    }

    /** The parts that have audio, with the commands that decode them to the same format. */
    private List<Decodable> decodable(ConversionTask task, List<Part> parts)
            throws ConversionFailed, IOException, InterruptedException {
        List<Decodable> decodable = new ArrayList<>();
        SegmentFormat format = null;
        for (Part part : parts) {
            Probe probe;
            try (ConversionTask view = task.ofPart(part)) {
                probe = probe(view);
            }
            if (probe != null && part.track() != Part.ANY_TRACK)
                probe = probe.withOnly(part.track()).orElse(null);
            if (probe == null) continue;
            TranscodeCommand command = TranscodeCommand.of(probe, null, task.options());
            if (format == null)
                format = command.segmentFormat(probe, SEGMENT_OF_PARTS, task.options());
            decodable.add(new Decodable(part, command.inSegments(part.track(), format)));
        }
        return decodable;
    }

    private Decision transcode(ConversionTask task, TranscodeCommand command, boolean guessed)
            throws ConversionFailed, IOException, InterruptedException {
        SegmentFormat format = command.segments();
        if (format == null || command.start() == null)
            return transcode(task, command, Transcode.Output.WHOLE, guessed);
        SegmentedTranscode segments = segments(task, command, format);
        try (HeadRun head = head(task, segments, guessed)) {
            return segments.run() ? join(segments, head) : segments.instead();
        }
    }

    Decision transcode(
            ConversionTask task, TranscodeCommand command, Transcode.Output output, boolean guessed)
            throws ConversionFailed, IOException, InterruptedException {
        return new Transcode(ffmpeg, task, command, output, guessed, judgement, null)
                .run(supervisor, permits);
    }

    SegmentedTranscode segments(
            ConversionTask task, TranscodeCommand command, SegmentFormat format) {
        return new SegmentedTranscode(task, command, format, supervisor, permits, judgement);
    }

    /** Returns the properties of a source; null when nothing of it can be converted. */
    @Nullable Probe probe(ConversionTask task)
            throws ConversionFailed, IOException, InterruptedException {
        TranscodeCommand usual =
                TranscodeCommand.usual(task.options()).startingAt(SoundStart.IMMEDIATE);
        Transcode probing =
                new Transcode(ffmpeg, task, usual, Transcode.Output.PROBE, false, judgement, null);
        return switch (probing.run(supervisor, permits)) {
            case Decision.Fail _ -> null;
            case Decision.LookFurther _ -> probe(task.withDeepProbe());
            default -> probing.probe();
        };
    }

    /**
     * Begins to make the head for segments, if only when the source is complete.
     *
     * @param guessed whether the segments' command was chosen without knowing the complete file
     */
    HeadRun head(ConversionTask task, SegmentedTranscode segments, boolean guessed) {
        return new HeadRun(
                task,
                complete -> makeHead(complete, segments.command(), segments.editor(), guessed));
    }

    private Transcode makeHead(
            ConversionTask task, TranscodeCommand first, SoundEditor editor, boolean guessed)
            throws ConversionFailed, IOException, InterruptedException {
        TranscodeCommand command = first;
        for (boolean guess = guessed; ; guess = false) {
            Transcode head =
                    new Transcode(
                            ffmpeg, task, command, Transcode.Output.HEAD, guess, judgement, editor);
            Decision decision = head.run(supervisor, permits);
            if (!(decision instanceof Decision.Retry(TranscodeCommand other))) return head;
            command = other;
        }
    }

    /**
     * Joins segments behind a head.
     *
     * @return {@code Retry} when the complete file needs other audio than the segments have
     */
    Decision join(SegmentedTranscode segments, HeadRun run)
            throws ConversionFailed, IOException, InterruptedException {
        Transcode head = run.await();
        return head.decision() instanceof Decision.Proceed
                        && !head.command().makesSameAudioAs(segments.command())
                ? new Decision.Retry(head.command())
                : join(segments, head);
    }

    private static Decision join(SegmentedTranscode segments, Transcode head)
            throws ConversionFailed, IOException {
        if (!(head.decision() instanceof Decision.Proceed)) return head.decision();
        head.writeTag();
        Decision joined = segments.join(head.command(), head.probe());
        return joined instanceof Decision.Deliver mp3 ? mp3.with(head.sound()) : joined;
    }

    private static List<Warning> warnings(ConversionTask task, Decision.Deliver mp3)
            throws ConversionFailed {
        if (!task.server().parts().isPartlyScrambled()) return mp3.warnings();
        if (task.options().strict()) throw new ConversionFailed(Failure.Code.CORRUPT);
        List<Warning> warnings = new ArrayList<>(mp3.warnings());
        warnings.add(
                new Warning(
                        Warning.Code.DAMAGED,
                        "Parts of the sound are encrypted (scrambled); they are left out.",
                        null));
        return warnings;
    }

    Mp3 deliver(ConversionTask task, Decision decision) throws ConversionFailed, IOException {
        return switch (decision) {
            case Decision.Deliver mp3 ->
                    new Mp3(
                            task.mp3(),
                            mp3.bytes(),
                            mp3.duration(),
                            warnings(task, mp3),
                            mp3.sound());
            case Decision.Fail(Failure failure) -> throw new ConversionFailed(failure);
            case Decision.NextTrack undecodable ->
                    throw new ConversionFailed(undecodable.failure());
            case Decision.DiskFull _ ->
                    throw new IOException("There is no room for the MP3 in " + task.directory());
            case Decision.Internal(String reason) -> throw new IllegalStateException(reason);
            case Decision.Proceed _, Decision.Retry _, Decision.Split _, Decision.LookFurther _ ->
                    throw new IllegalStateException("Not a final decision: " + decision);
        };
    }
}
