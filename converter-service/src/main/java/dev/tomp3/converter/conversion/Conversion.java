package dev.tomp3.converter.conversion;

import dev.tomp3.converter.ffmpeg.Ffmpeg;
import dev.tomp3.converter.ffmpeg.FfmpegLog;
import dev.tomp3.converter.ffmpeg.FfmpegProcess;
import dev.tomp3.converter.ffmpeg.Probe;
import dev.tomp3.converter.ffmpeg.TranscodeCommand;
import dev.tomp3.converter.ffmpeg.WorkDirectory;
import dev.tomp3.converter.mp3.EncoderPermits;
import dev.tomp3.converter.mp3.Mp3File;
import dev.tomp3.converter.mp3.SegmentFormat;
import dev.tomp3.converter.mp3.Segments;
import dev.tomp3.converter.source.Source;
import dev.tomp3.converter.source.SourceServer;
import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.Options;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes an MP3 of a video, with ffmpeg.
 *
 * <p>(1) ffmpeg starts with the command line that is right for most files, and reads the source
 * over {@link SourceServer}. (2) What it prints about its input says whether that was right; if
 * not, it is started again with the right one, or the file is refused. (3) Time, size and progress
 * are watched while it runs. (4) Its result is believed only when {@link Mp3File} counts as many
 * frames as went in, and the audio, or else another stream, reaches the length that the file
 * declares.
 *
 * <p>Three ways to fail: {@link ConversionFailed} is the file's fault and final; an {@link
 * IOException} is the store's or the disk's, and another attempt may succeed; any other exception
 * is a fault of ours. Interrupting the thread kills ffmpeg and ends the conversion with {@link
 * InterruptedException}. Whatever happens, no process is left.
 */
public final class Conversion {
    private static final Logger log = LoggerFactory.getLogger(Conversion.class);

    private static final Duration FIRST_LOOK = Duration.ofMillis(10);
    private static final Duration LOOK = Duration.ofMillis(80);
    private static final Duration ENCODER_LOOK = Duration.ofSeconds(1);
    private static final Duration LONGEST_BETWEEN_LOOKS = Duration.ofSeconds(2);
    private static final Duration BETWEEN_REPORTS = Duration.ofMillis(500);

    /** From here on several encoders have enough to do. */
    private static final Duration LONG = Duration.ofMinutes(2);

    /**
     * An encoder's start takes as long as it encodes some seconds, and what all of them share out
     * is not even when there are few pieces.
     */
    private static final int PIECES = 16;

    private static final Duration SHORTEST_PIECE = Duration.ofSeconds(75);
    private static final Duration LONGEST_PIECE = Duration.ofMinutes(3);
    private static final Duration PIECE = Duration.ofMinutes(2);

    private static final List<String> TELL_LENGTH_FIRST =
            List.of("mov", "matroska", "avi", "asf", "flac");

    private static final Duration LENGTH_TOLERANCE = Duration.ofMillis(50);
    private static final Duration END_TOLERANCE = Duration.ofSeconds(1);
    private static final long MAX_COVER = 1 << 20;
    private static final long MAX_TAGS = 64 << 10;

    /** 128 and the numbers of SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV. */
    private static final Set<Integer> CRASHES = Set.of(132, 134, 135, 136, 139);

    private static final int KILLED = 137;
    private static final int FILE_SIZE_EXCEEDED = 153;

    private final Ffmpeg ffmpeg;
    private final EncoderPermits encoders;
    private final Limits limits;
    private final LongSupplier nanoTime;

    public Conversion(Ffmpeg ffmpeg, EncoderPermits encoders, Limits limits) {
        this(ffmpeg, encoders, limits, System::nanoTime);
    }

    public Conversion(
            Ffmpeg ffmpeg, EncoderPermits encoders, Limits limits, LongSupplier nanoTime) {
        this.ffmpeg = ffmpeg;
        this.encoders = encoders;
        this.limits = limits;
        this.nanoTime = nanoTime;
    }

    /**
     * Converts one video.
     *
     * @param fileName the user's, for the title
     * @param directory an empty one of this attempt; the result is in it
     * @param progress is told 0 to 99, at most twice a second
     */
    public Mp3 run(
            Source source, String fileName, Options options, Path directory, IntConsumer progress)
            throws ConversionFailed, IOException, InterruptedException {
        Path title = directory.resolve("title");
        Files.writeString(title, TranscodeCommand.ffmetadata(TranscodeCommand.titleOf(fileName)));
        try (SourceServer server = new SourceServer(source)) {
            Job job =
                    new Job(
                            source,
                            server,
                            options,
                            directory,
                            title,
                            progress,
                            new Watch(nanoTime));
            if (source.isWhole()) return whole(job);
            @Nullable Decoding begun = begun(job);
            source.awaitWhole();
            @Nullable Mp3 early =
                    begun == null ? null : early(job.again(new Watch(nanoTime)), begun);
            return early == null ? whole(job.again(new Watch(nanoTime))) : early;
        }
    }

    /**
     * Decodes and encodes what arrives, as it arrives, where that can be done; null where not.
     * Whatever is wrong with it is judged when the file is whole, as if this had not been tried.
     */
    private @Nullable Decoding begun(Job job) throws IOException, InterruptedException {
        try {
            TranscodeCommand plan =
                    new Encoding(job, TranscodeCommand.usual(job.options), Part.NONE, true).run();
            if (plan == null || plan.pieces() == null) return null;
            Decoding decoding = new Decoding(job, plan, plan.pieces());
            decoding.run();
            return decoding;
        } catch (ConversionFailed e) {
            log.debug("Not begun: {}", e.failure().code());
            return null;
        }
    }

    /** Makes the most of what was begun; null when the whole file says that it is of no use. */
    private @Nullable Mp3 early(Job job, Decoding begun) throws IOException, InterruptedException {
        try {
            return joined(
                    job,
                    begun,
                    new Encoding(job, TranscodeCommand.usual(job.options), Part.HEAD, true));
        } catch (ConversionFailed e) {
            log.debug("Begun in vain: {}", e.failure().code());
            return null;
        }
    }

    private Mp3 whole(Job job) throws ConversionFailed, IOException, InterruptedException {
        Encoding encoding =
                new Encoding(job, TranscodeCommand.usual(job.options), Part.WHOLE, true);
        TranscodeCommand better = encoding.run();
        while (better != null && better.pieces() == null) {
            encoding = new Encoding(job, better, Part.WHOLE, false);
            better = encoding.run();
        }
        if (better == null || better.pieces() == null) return encoding.result();
        Decoding decoding = new Decoding(job, better, better.pieces());
        decoding.run();
        Mp3 mp3 = joined(job, decoding, new Encoding(job, better, Part.HEAD, false));
        return Objects.requireNonNull(mp3);
    }

    /** Puts the pieces together behind a head of their own, which is made of the file as it is. */
    private @Nullable Mp3 joined(Job job, Decoding decoding, Encoding head)
            throws ConversionFailed, IOException, InterruptedException {
        for (TranscodeCommand better = head.run(); better != null; better = head.run()) {
            head = new Encoding(job, better, Part.HEAD, false);
        }
        return head.plan.soundsLike(decoding.plan)
                ? decoding.conclude(head.said.lastProbe())
                : null;
    }

    /** What of an MP3 is made. */
    private enum Part {
        WHOLE,
        /** Nothing: what the source is, is all that is asked. */
        NONE,
        /** Its tag and some frames, for audio that is encoded elsewhere. */
        HEAD
    }

    private record Job(
            Source source,
            SourceServer server,
            Options options,
            Path directory,
            Path title,
            IntConsumer progress,
            Watch watch) {
        Job again(Watch anew) {
            return new Job(source, server, options, directory, title, progress, anew);
        }

        TranscodeCommand.Input input() {
            return new TranscodeCommand.Input(source.isWhole() ? server.address() : null);
        }

        Path mp3() {
            return directory.resolve("audio.mp3");
        }

        /** What an MP3 begins with, where its audio is made elsewhere. */
        Path head() {
            return directory.resolve("head.mp3");
        }
    }

    /**
     * The time that was watched. A worker that was itself stopped, with its machine or alone, does
     * not blame ffmpeg for what it missed.
     */
    private static final class Watch {
        private final LongSupplier nanoTime;
        private long last;
        private long seen;

        Watch(LongSupplier nanoTime) {
            this.nanoTime = nanoTime;
            last = nanoTime.getAsLong();
        }

        /**
         * Looks at the clock.
         *
         * @param counts false when the time since the last look was spent waiting for an upload
         */
        long look(boolean counts) {
            long now = nanoTime.getAsLong();
            if (counts) seen += Math.min(now - last, LONGEST_BETWEEN_LOOKS.toNanos());
            last = now;
            return seen;
        }
    }

    private FfmpegProcess start(
            Job job,
            List<String> arguments,
            boolean fed,
            FfmpegProcess.Output out,
            FfmpegProcess.Output err)
            throws IOException {
        FfmpegProcess process =
                ffmpeg.start(
                        arguments,
                        job.directory,
                        limits.wallClock(),
                        limits.maxOutput(),
                        fed,
                        out,
                        err);
        try {
            WorkDirectory.note(job.directory, process.pid());
        } catch (IOException e) {
            process.close();
            throw e;
        }
        return process;
    }

    /**
     * One start of ffmpeg, watched: whatever hangs, runs over a limit, or loses its source is
     * stopped.
     */
    private abstract class Watched {
        final Job job;
        final FfmpegLog said = new FfmpegLog(TranscodeCommand.DEMUXERS);
        private long moved;
        private long mark = -1;

        Watched(Job job) {
            this.job = job;
        }

        /** Takes what ffmpeg puts out. */
        abstract FfmpegProcess.Output output();

        /** Something that grows as long as ffmpeg gets on. */
        abstract long advance();

        /** Of the audio; null while it is not known. */
        abstract @Nullable Duration length();

        /** True when it need not run on. */
        abstract boolean settled() throws ConversionFailed, IOException;

        /**
         * Watches ffmpeg, and those who work on what it puts out.
         *
         * @param arguments of ffmpeg, when it reads from there
         * @param pieces closed with ffmpeg
         * @return ffmpeg's exit status; -1 when it was stopped because all is settled
         */
        int watch(
                Function<TranscodeCommand.Input, List<String>> arguments, @Nullable Segments pieces)
                throws ConversionFailed, IOException, InterruptedException {
            TranscodeCommand.Input input = job.input();
            try (FfmpegProcess process =
                            start(
                                    job,
                                    arguments.apply(input),
                                    input.fed(),
                                    output(),
                                    FfmpegProcess.Output.lines(said::accept));
                    Segments _ = pieces) { // it goes first, as it may keep ffmpeg's output waiting
                if (input.fed()) job.server.feed(process.input());
                Duration look = FIRST_LOOK;
                while (!(process.ended(look) && (pieces == null || pieces.ended(look)))) {
                    if (Thread.interrupted()) throw new InterruptedException();
                    checkSource();
                    checkTime();
                    if (settled()) return -1;
                    if (look.compareTo(LOOK) < 0) look = look.multipliedBy(2);
                }
                checkSource();
                return process.status();
            }
        }

        private void checkSource() throws IOException {
            IOException trouble = job.server.trouble();
            if (trouble != null)
                throw new IOException("The video could not be read from the media store", trouble);
        }

        private void checkTime() throws ConversionFailed {
            long now = job.watch.look(job.source.starved().isZero());
            if (now > limits.wallClock(length(), job.source.bytes()).toNanos())
                throw new ConversionFailed(Failure.Code.TIMED_OUT);
            long reached = advance() + job.server.farthest();
            if (reached != mark || job.server.waitsForStore()) {
                mark = reached;
                moved = now;
            } else if (now - moved > limits.stall().toNanos()) {
                throw new ConversionFailed(Failure.Code.TIMED_OUT);
            }
        }
    }

    /** Decodes the audio, and judges what became of it. */
    private abstract class Transcoding extends Watched {
        final TranscodeCommand plan;
        final TruncationCheck ending;
        volatile long outMicros;
        volatile long outBytes;
        private long reported = System.nanoTime();

        Transcoding(Job job, TranscodeCommand plan) {
            super(job);
            this.plan = plan;
            this.ending = new TruncationCheck(job.source);
        }

        @Override
        @Nullable Duration length() {
            Probe probe = said.probe();
            Duration declared = probe == null ? null : probe.declared();
            Duration reached = Duration.ofNanos(outMicros * 1000);
            return declared != null && declared.compareTo(reached) < 0 ? reached : declared;
        }

        void checkLimits() throws ConversionFailed {
            // ffmpeg counts what the encoder adds, which is judged when it is done
            if (outMicros / 1000 > limits.maxDuration().plus(END_TOLERANCE).toMillis())
                throw new ConversionFailed(Failure.Code.TOO_LONG);
            if (outBytes > limits.maxOutput()) throw new ConversionFailed(Failure.Code.TOO_LARGE);
        }

        void report(Probe probe, long micros) {
            long now = System.nanoTime();
            if (now - reported < BETWEEN_REPORTS.toNanos()) return;
            reported = now;
            Duration declared = probe.duration();
            // ffmpeg 7 reports no time while a cover lies beside the audio
            double share =
                    micros > 0 && declared != null
                            ? micros / 1000.0 / Math.max(1, declared.toMillis())
                            : (double) job.server.farthest() / Math.max(1, job.source.bytes());
            job.progress.accept(Math.clamp(Math.round(100 * share), 0, 99));
        }

        /** The result, when it is what it should be. */
        Mp3 checked(Mp3File mp3, Probe probe)
                throws ConversionFailed, IOException, InterruptedException {
            if (mp3.bytes() > limits.maxOutput())
                throw new ConversionFailed(Failure.Code.TOO_LARGE);
            if (mp3.duration().compareTo(limits.maxDuration()) > 0)
                throw new ConversionFailed(Failure.Code.TOO_LONG);
            if (!reachesItsEnd(probe)) throw new ConversionFailed(Failure.Code.CORRUPT);
            return new Mp3(job.mp3(), mp3.bytes(), mp3.duration());
        }

        boolean hasAllSamples(Mp3File mp3) {
            long difference = Math.abs(mp3.samples() - said.samplesEncoded());
            return Mp3File.durationOf(difference, mp3.sampleRate()).compareTo(LENGTH_TOLERANCE)
                    <= 0;
        }

        /**
         * Says why ffmpeg failed; returns when it failed only because there was nothing to convert.
         */
        Probe explain(int status, @Nullable Probe probe) throws ConversionFailed, IOException {
            log.debug("ffmpeg ended with {}: {}", status, said.problems());
            boolean full = Files.exists(job.mp3()) && Files.size(job.mp3()) >= limits.maxOutput();
            if (full || status == FILE_SIZE_EXCEEDED)
                throw new ConversionFailed(Failure.Code.TOO_LARGE);
            if (said.outOfTime()) throw new ConversionFailed(Failure.Code.TIMED_OUT);
            if (status == KILLED) throw new IllegalStateException("ffmpeg was killed from outside");
            if (CRASHES.contains(status)) throw new ConversionFailed(Failure.Code.CORRUPT);
            if (probe == null) {
                boolean media = said.recognised() || ending.withinAPage();
                throw new ConversionFailed(media ? Failure.Code.CORRUPT : Failure.Code.NOT_MEDIA);
            }
            if (probe.audio().stream().allMatch(audio -> audio.codec().equals("none"))) {
                throw new ConversionFailed(
                        new Failure(
                                Failure.Code.NOT_MEDIA,
                                "The audio is in a format that cannot be decoded, or is"
                                        + " encrypted."));
            }
            if (said.packetsRead() != 0) throw new ConversionFailed(Failure.Code.CORRUPT);
            return probe;
        }

        ConversionFailed nothingToHear(Probe probe)
                throws ConversionFailed, IOException, InterruptedException {
            boolean empty = said.packetsRead() == 0 && reachesItsEnd(probe);
            return new ConversionFailed(empty ? Failure.Code.NO_AUDIO_TRACK : Failure.Code.CORRUPT);
        }

        private boolean reachesItsEnd(Probe probe)
                throws ConversionFailed, IOException, InterruptedException {
            if (breaksOff(probe)) return false;
            Duration declared = declared(probe);
            if (declared == null) return true;
            Duration needed = declared.minus(END_TOLERANCE);
            return needed.compareTo(Duration.ofNanos(outMicros * 1000)) <= 0
                    || new EndSearch(job, needed).found();
        }

        /**
         * Whether a file that declares no length in time ends within something that it began. What
         * is a stream by nature (MPEG, raw AAC) never does.
         */
        private boolean breaksOff(Probe probe) throws IOException {
            if (probe.container().equals("ogg")) return ending.withinAPage();
            if (!said.endsWithinAPacket()) return false;
            return probe.container().startsWith("matroska")
                    ? probe.declared() == null
                    : probe.container().startsWith("mov") && ending.isFragmented();
        }

        /**
         * ffmpeg measures a RIFF file, and one of ASF that breaks off, by what is there; their
         * heads say what should be.
         */
        private @Nullable Duration declared(Probe probe) throws IOException {
            Duration duration = probe.duration();
            double share = ending.share();
            if (share > 1 && probe.container().equals("asf"))
                return Duration.ofMillis(Math.round(outMicros / 1000.0 * share));
            if (share > 1 && duration != null)
                return Duration.ofMillis(Math.round(duration.toMillis() * share));
            return probe.declared();
        }
    }

    /** One process makes the MP3, or its head. */
    private final class Encoding extends Transcoding {
        private final Part part;

        /** What came after a look at the file is not changed by a second look. */
        private final boolean first;

        private boolean judged;
        private @Nullable TranscodeCommand better;
        private @Nullable Mp3 result;

        Encoding(Job job, TranscodeCommand plan, Part part, boolean first) {
            super(job, plan);
            this.part = part;
            this.first = first;
        }

        /** Returns the plan to follow instead, or null when that part is made. */
        @Nullable TranscodeCommand run()
                throws ConversionFailed, IOException, InterruptedException {
            better = null;
            Files.deleteIfExists(file());
            try (EncoderPermits.Share share = encoders.share()) {
                share.take(); // at once, being the first
                try {
                    int status = watch(this::arguments, null);
                    if (status >= 0) finish(status);
                } finally {
                    share.giveBack();
                }
            }
            return better;
        }

        private List<String> arguments(TranscodeCommand.Input input) {
            return part == Part.WHOLE
                    ? plan.arguments(input, job.title, file())
                    : plan.head(input, job.title, file());
        }

        private Path file() {
            return part == Part.WHOLE ? job.mp3() : job.head();
        }

        Mp3 result() {
            if (result == null) throw new IllegalStateException("There is no result");
            return result;
        }

        @Override
        FfmpegProcess.Output output() {
            return FfmpegProcess.Output.lines(this::progress);
        }

        private void progress(String line) {
            if (line.startsWith("out_time_us=")) outMicros = number(line, outMicros);
            else if (line.startsWith("total_size=")) outBytes = number(line, outBytes);
        }

        private static long number(String line, long before) {
            String value = line.substring(line.indexOf('=') + 1).strip();
            return value.matches("\\d{1,18}") ? Math.max(before, Long.parseLong(value)) : before;
        }

        @Override
        long advance() {
            return outMicros + outBytes;
        }

        @Override
        boolean settled() throws ConversionFailed, IOException {
            Probe probe = said.probe();
            if (probe != null) judge(probe);
            if (part == Part.NONE) return judged;
            checkLimits();
            if (better == null) better = withSmallerTags();
            if (better == null && probe != null && part == Part.WHOLE) report(probe, outMicros);
            return better != null;
        }

        /**
         * Once what the input is stands on the screen: refuses it, or finds the plan that is right
         * for it.
         */
        private void judge(Probe probe) throws ConversionFailed, IOException {
            if (judged) return;
            judged = true;
            Duration declared = probe.declared();
            if (declared != null && declared.compareTo(limits.maxDuration()) > 0) {
                throw new ConversionFailed(Failure.Code.TOO_LONG);
            }
            if (probe.audio().isEmpty()) throw new ConversionFailed(Failure.Code.NO_AUDIO_TRACK);
            TranscodeCommand right = TranscodeCommand.of(probe, piece(probe), job.options);
            if (first && !right.equals(plan)) better = right;
        }

        /**
         * How much each of several encoders gets, or null when they are not worth their start. Says
         * the same of a file that is arriving as of the whole one: it goes by the length only where
         * that stands at the beginning.
         */
        private @Nullable Duration piece(Probe probe) throws IOException {
            Duration declared = probe.declared();
            boolean large = job.source.bytes() >= Jobs.FIRST_BYTES;
            if (declared == null
                    || TELL_LENGTH_FIRST.stream().noneMatch(probe.container()::startsWith)
                    || (large && probe.container().startsWith("mov") && ending.isFragmented())) {
                return large ? PIECE : null;
            }
            if (declared.compareTo(LONG) < 0) return null;
            long seconds = declared.toSeconds() / PIECES;
            return Duration.ofSeconds(
                    Math.clamp(seconds, SHORTEST_PIECE.toSeconds(), LONGEST_PIECE.toSeconds()));
        }

        private @Nullable TranscodeCommand withSmallerTags() throws IOException {
            long tags = tagBytes();
            if (plan.cover() != null && tags > MAX_COVER + MAX_TAGS) return plan.withoutCover();
            if (plan.cover() != null
                    || tags <= MAX_TAGS
                    || plan.tags() == TranscodeCommand.Tags.TITLE_ONLY) return null;
            Probe probe = said.lastProbe();
            if (probe != null && probe.title() != null) {
                Files.writeString(job.title(), TranscodeCommand.ffmetadata(probe.title()));
            }
            return plan.withTitleOnly();
        }

        private long tagBytes() throws IOException {
            try (InputStream in = Files.newInputStream(file())) {
                byte[] head = in.readNBytes(Mp3File.TAG_HEADER);
                return head.length < Mp3File.TAG_HEADER ? 0 : Mp3File.tagBytes(head);
            } catch (NoSuchFileException e) {
                return 0; // not begun
            }
        }

        private void finish(int status) throws ConversionFailed, IOException, InterruptedException {
            if (part == Part.NONE) {
                if (said.lastProbe() != null) judge(said.lastProbe());
                return;
            }
            // up to 5.1 it ends with 0 even so, when it was about to close the file
            if (said.diskFull())
                throw new IOException("There is no room for the MP3 in " + job.directory);
            Probe printed = said.lastProbe();
            if (printed != null) {
                judge(printed);
                if (better != null) return;
            }
            if (status != 0 && plan.cover() != null && said.packetsWritten() <= 0) {
                // as a rule because the picture is not one
                better = plan.withoutCover();
                return;
            }
            Probe probe = status == 0 && printed != null ? printed : explain(status, printed);
            if (said.packetsWritten() <= 0) throw nothingToHear(probe);
            better = withSmallerTags();
            if (better != null || part == Part.HEAD) return;

            Mp3File mp3;
            try {
                mp3 = Mp3File.read(job.mp3());
            } catch (Mp3File.Malformed e) {
                if (!plan.copy())
                    throw new IllegalStateException("ffmpeg wrote something else than an MP3", e);
                better = plan.withoutCopy();
                return;
            }
            if (plan.copy() ? mp3.frames() != said.packetsWritten() : !hasAllSamples(mp3)) {
                if (!plan.copy())
                    throw new IllegalStateException("The MP3 is not as long as what was decoded");
                better = plan.withoutCopy();
                return;
            }
            result = checked(mp3, probe);
        }
    }

    /** One process decodes, several encode. */
    private final class Decoding extends Transcoding {
        private final Segments pieces;
        private int status;

        Decoding(Job job, TranscodeCommand plan, SegmentFormat format) {
            super(job, plan);
            pieces =
                    new Segments(
                            (pcm, frames) -> {
                                try (FfmpegProcess encoder =
                                        start(
                                                job,
                                                plan.encoder(format, pcm),
                                                false,
                                                frames::accept,
                                                FfmpegProcess.Output.lines(line ->
                                                        log.warn("An encoder says: {}", line)))) {
                                    while (!encoder.ended(ENCODER_LOOK)) {}
                                    return encoder.status();
                                }
                            },
                            encoders.share(),
                            job.directory,
                            format);
        }

        void run() throws ConversionFailed, IOException, InterruptedException {
            status = watch(plan::decoder, pieces);
        }

        @Override
        FfmpegProcess.Output output() {
            return pieces::cut;
        }

        @Override
        long advance() {
            return pieces.decodedMicros() + pieces.bytes();
        }

        @Override
        boolean settled() throws ConversionFailed, IOException {
            outMicros = pieces.decodedMicros();
            outBytes = pieces.bytes();
            pieces.check();
            checkLimits();
            Probe probe = said.probe();
            if (probe != null) report(probe, pieces.encodedMicros());
            return false;
        }

        /**
         * Joins the pieces behind the head.
         *
         * @param whole what ffmpeg said of the file when it was whole
         */
        Mp3 conclude(@Nullable Probe whole)
                throws ConversionFailed, IOException, InterruptedException {
            settled();
            Probe probe = status == 0 && whole != null ? whole : explain(status, whole);
            if (said.packetsWritten() <= 0) throw nothingToHear(probe);
            try {
                pieces.join(job.head(), job.mp3(), plan.quality() != null);
                Mp3File mp3 = Mp3File.read(job.mp3());
                if (!hasAllSamples(mp3))
                    throw new IllegalStateException("The MP3 is not as long as what was decoded");
                return checked(mp3, probe);
            } catch (Mp3File.Malformed e) {
                throw new IllegalStateException("The pieces make something else than an MP3", e);
            }
        }
    }

    /** Reads through the whole file, decoding nothing, until any stream reaches a time. */
    private final class EndSearch extends Watched {
        private static final Pattern TIME_BASE =
                Pattern.compile("#tb (\\d{1,5}): (\\d{1,9})/(\\d{1,9})");
        private static final Pattern PACKET =
                Pattern.compile("(\\d{1,5}), *-?\\d{1,18}, *(-?\\d{1,18}), *(\\d{1,18}), .*");
        private static final int MAX_STREAMS = 1000;

        private final Duration needed;
        private final double[] timeBases = new double[MAX_STREAMS];
        private volatile double seconds;

        EndSearch(Job job, Duration needed) {
            super(job);
            this.needed = needed;
        }

        boolean found() throws ConversionFailed, IOException, InterruptedException {
            int status = watch(TranscodeCommand::packets, null);
            if (status == KILLED) throw new IllegalStateException("ffmpeg was killed from outside");
            return settled();
        }

        @Override
        FfmpegProcess.Output output() {
            return FfmpegProcess.Output.lines(this::packet);
        }

        private void packet(String line) {
            Matcher packet = PACKET.matcher(line);
            if (packet.matches()) {
                int stream = Integer.parseInt(packet.group(1));
                if (stream >= MAX_STREAMS) return;
                double end =
                        Long.parseLong(packet.group(2)) + (double) Long.parseLong(packet.group(3));
                seconds = Math.max(seconds, end * timeBases[stream]);
                return;
            }
            Matcher timeBase = TIME_BASE.matcher(line);
            if (timeBase.matches() && Integer.parseInt(timeBase.group(1)) < MAX_STREAMS) {
                timeBases[Integer.parseInt(timeBase.group(1))] =
                        Double.parseDouble(timeBase.group(2))
                                / Double.parseDouble(timeBase.group(3));
            }
        }

        @Override
        long advance() {
            return (long) (seconds * 1000);
        }

        @Override
        Duration length() {
            return needed;
        }

        @Override
        boolean settled() {
            return seconds >= needed.toMillis() / 1000.0;
        }
    }
}
