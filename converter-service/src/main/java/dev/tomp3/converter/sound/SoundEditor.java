package dev.tomp3.converter.sound;

import dev.tomp3.converter.mp3.SegmentFormat;
import dev.tomp3.converter.mp3.Segments;
import dev.tomp3.jobs.Option;
import dev.tomp3.jobs.Options;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Changes decoded sound on its way to the encoders, as the options say, and measures it. Without
 * options the bytes pass unchanged.
 *
 * <p>Silence at the end, a fade-out and the gain for a loudness depend on all of the sound. Then it
 * is written to a file while it is measured, and read again. A file that would become longer than
 * the limit is dropped; {@link #needsAnother()} says that all must be decoded a second time.
 */
public final class SoundEditor implements Segments.Editor {
    private final Options options;
    private final int sampleRate;
    private final int channels;
    private final Path spool;
    private final long maxSpool;

    private final LoudnessMeter result;
    private @Nullable Samples edits;
    private @Nullable Analysis analysis;
    private @Nullable Plan plan;
    private final AtomicLong taken = new AtomicLong();
    private boolean needsAnother;
    private long madeUnmeasured;

    /**
     * What is known of the sound before it is changed.
     *
     * @param from the first frame that is kept, after the excerpt
     * @param to the first that is not
     * @param gain a factor
     * @param limits whether the true peak would pass the limit
     */
    private record Plan(Measurement before, long from, long to, double gain, boolean limits) {
        /** What is measured after nothing but a gain. */
        Measurement amplified() {
            Double lufs = before.lufs();
            return new Measurement(
                    lufs == null ? null : lufs + 20 * Math.log10(gain), before.peak() * gain);
        }
    }

    /**
     * Creates an editor for one sound.
     *
     * @param spool a file that may be written and is deleted
     * @param maxSpool its longest length in bytes
     */
    public SoundEditor(Options options, SegmentFormat format, Path spool, long maxSpool) {
        this.options = options;
        this.sampleRate = format.sampleRate();
        this.channels = format.channels();
        this.spool = spool;
        this.maxSpool = maxSpool;
        this.result = new LoudnessMeter(sampleRate, channels);
    }

    @Override
    public boolean take(InputStream pcm, boolean last, PcmSink out)
            throws IOException, InterruptedException {
        if (!options.changesSound()) {
            PcmBytes.read(pcm, channels, counting(result), out);
            return last;
        }
        if (edits == null) edits = first(out);
        Samples edit = edits;
        PcmBytes.read(pcm, channels, counting(edit), (_, _) -> {});
        if (!last && !hasReachedEnd()) return false;
        edit.end();
        edits = null;
        Analysis analysed = analysis;
        if (analysed == null) return true;
        analysis = null;
        plan = analysed.plan();
        needsAnother = analysed.dropped;
        if (needsAnother) return false;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(spool), 1 << 18)) {
            Samples second = changes(Objects.requireNonNull(plan), out);
            PcmBytes.read(in, channels, second, (_, _) -> {});
            second.end();
        }
        Files.delete(spool);
        return true;
    }

    /** Whether everything up to the end that the options name was taken. */
    private boolean hasReachedEnd() {
        Double end = options.decimal(Option.END);
        return end != null && taken() >= frames(end);
    }

    /** What the sound passes first: the excerpt of it, and the changes or the analysis. */
    private Samples first(PcmSink out) throws IOException {
        Plan known = plan;
        Samples behind;
        if (known != null) {
            behind = changes(known, out);
        } else if (options.needsAnalysis()) {
            Analysis started = new Analysis();
            analysis = started;
            behind = started;
        } else {
            behind = changes(null, out);
        }
        Double end = options.decimal(Option.END);
        return new Excerpt(
                channels,
                frames(options.decimal(Option.START)),
                end == null ? Long.MAX_VALUE : frames(end),
                behind);
    }

    private Samples changes(@Nullable Plan known, PcmSink out) {
        Samples bytes = PcmBytes.writing(out);
        Samples chain = isOnlyAmplified(known) ? countingMade(bytes) : both(result, bytes);
        long length = known == null ? Long.MAX_VALUE : known.to - known.from;
        chain =
                new Fades(
                        channels,
                        frames(options.decimal(Option.FADE_IN)),
                        known == null ? 0 : frames(options.decimal(Option.FADE_OUT)),
                        length,
                        chain);
        if (known == null) return chain;
        if (known.gain != 1) {
            chain =
                    known.limits
                            ? new Limiter(sampleRate, channels, known.gain, chain)
                            : gain((float) known.gain, chain);
        }
        return new Excerpt(channels, known.from, known.to, chain);
    }

    /** Whether the loudness of the result follows from the gain, so that none need be measured. */
    private boolean isOnlyAmplified(@Nullable Plan known) {
        return known != null
                && !known.limits
                && options.decimal(Option.FADE_IN) == null
                && options.decimal(Option.FADE_OUT) == null
                && !options.isSet(Option.TRIM_SILENCE);
    }

    private long frames(@Nullable Double seconds) {
        return seconds == null ? 0 : Math.round(seconds * sampleRate);
    }

    /** Frames that came from the decoder, in the latest run. */
    @Override
    public long taken() {
        return taken.get();
    }

    /** Whether all audio has to be taken once more, since nothing was passed on yet. */
    public boolean needsAnother() {
        return needsAnother;
    }

    /** Begins to take the same sound once more. */
    public void restart() {
        taken.set(0);
        needsAnother = false;
    }

    /** What is passed on is this many frames. */
    public long made() {
        return result.frames() + madeUnmeasured;
    }

    /** The loudness of what was passed on. */
    public Measurement result() {
        Plan known = plan;
        return known != null && isOnlyAmplified(known) ? known.amplified() : result.measurement();
    }

    /** The loudness before the gain. */
    public Measurement before() {
        return plan == null ? result() : plan.before;
    }

    /** In dB. */
    public double gain() {
        return plan == null ? 0 : 20 * Math.log10(plan.gain);
    }

    /** Where in the source the result begins. */
    public Duration begin() {
        Double start = options.decimal(Option.START);
        double silence = plan == null ? 0 : (double) plan.from / sampleRate;
        return Duration.ofNanos(Math.round(1e9 * ((start == null ? 0 : start) + silence)));
    }

    /** How long the result is. */
    public Duration length() {
        return Duration.ofNanos(Math.round(1e9 * made() / sampleRate));
    }

    private Samples countingMade(Samples next) {
        return new Samples() {
            @Override
            public void accept(float[] sound, int count) throws IOException, InterruptedException {
                madeUnmeasured += count / channels;
                next.accept(sound, count);
            }

            @Override
            public void end() throws IOException, InterruptedException {
                next.end();
            }
        };
    }

    private Samples counting(Samples next) {
        return new Samples() {
            @Override
            public void accept(float[] sound, int count) throws IOException, InterruptedException {
                taken.addAndGet(count / channels);
                next.accept(sound, count);
            }

            @Override
            public void end() throws IOException, InterruptedException {
                next.end();
            }
        };
    }

    private static Samples both(Samples one, Samples other) {
        return new Samples() {
            @Override
            public void accept(float[] sound, int count) throws IOException, InterruptedException {
                one.accept(sound, count);
                other.accept(sound, count);
            }

            @Override
            public void end() throws IOException, InterruptedException {
                one.end();
                other.end();
            }
        };
    }

    private static Samples gain(float gain, Samples next) {
        return new Samples() {
            @Override
            public void accept(float[] sound, int count) throws IOException, InterruptedException {
                for (int i = 0; i < count; i++) sound[i] *= gain;
                next.accept(sound, count);
            }

            @Override
            public void end() throws IOException, InterruptedException {
                next.end();
            }
        };
    }

    /** Measures a sound, and keeps it in a file unless it is too long. */
    private final class Analysis implements Samples {
        private final LoudnessMeter meter = new LoudnessMeter(sampleRate, channels);
        private final SilenceFinder silence = new SilenceFinder(sampleRate, channels);
        private final OutputStream file = Files.newOutputStream(spool);
        private final Samples writing = PcmBytes.writing(this::write);
        private final boolean trims = options.isSet(Option.TRIM_SILENCE);
        private long bytes;
        private boolean dropped;

        Analysis() throws IOException {}

        @Override
        public void accept(float[] sound, int count) throws IOException, InterruptedException {
            meter.accept(sound, count);
            if (trims) silence.accept(sound, count);
            if (!dropped) writing.accept(sound, count);
        }

        private void write(byte[] pcm, int count) throws IOException {
            bytes += count;
            if (bytes <= maxSpool) {
                file.write(pcm, 0, count);
                return;
            }
            dropped = true;
            file.close();
            Files.delete(spool);
        }

        @Override
        public void end() throws IOException {
            file.close();
        }

        Plan plan() {
            Measurement before = meter.measurement();
            Double target = options.decimal(Option.LOUDNESS);
            double gain =
                    target == null || before.lufs() == null
                            ? 1
                            : Math.pow(10, (target - before.lufs()) / 20);
            return new Plan(
                    before,
                    trims ? silence.from() : 0,
                    trims ? silence.to() : meter.frames(),
                    gain,
                    before.peak() * gain > Limiter.LIMIT && target != null);
        }
    }
}
