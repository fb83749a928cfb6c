package dev.tomp3.converter.sound;

/**
 * Measures integrated loudness and true peak as ITU-R BS.1770-4 defines them, of one or two
 * channels. A block of 400 ms begins every 100 ms. The relative gate is known only at the end, so
 * the energies of the blocks are summed by loudness, in ranges of 0.02 LU: however long the sound
 * is, the meter needs no more memory. What is shorter than a block counts as one.
 */
public final class LoudnessMeter implements Samples {
    private static final double OFFSET = -0.691;
    private static final double ABSOLUTE_GATE = energy(-70);
    private static final double RELATIVE_GATE = 0.1; // -10 LU
    private static final int STEPS_PER_SECOND = 10;
    private static final int STEPS_PER_BLOCK = 4;

    /**
     * In Hz. The bilinear transform makes an unstable filter of one whose corner, at 1682 Hz, is
     * not below half of the sample rate.
     */
    private static final int LOWEST_RATE = 4000;

    private static final double RANGES_PER_LU = 50;

    /** Up to 150 LUFS: files of floats may be that loud by mistake. */
    private static final int RANGES = 11_000;

    private final int channels;
    private final boolean hasLoudness;
    private final int stepFrames;
    private final Weighting[] weightings;
    private final TruePeak[] peaks;
    private final double[] steps = new double[STEPS_PER_BLOCK];
    private long count;
    private final double[] sums = new double[RANGES];
    private final long[] blocks = new long[RANGES];
    private double energy;
    private int inStep;
    private long frames;

    /** Creates a meter that has heard nothing. */
    public LoudnessMeter(int sampleRate, int channels) {
        this.channels = channels;
        this.hasLoudness = sampleRate >= LOWEST_RATE;
        this.stepFrames = Math.max(1, Math.round((float) sampleRate / STEPS_PER_SECOND));
        this.weightings = new Weighting[channels];
        this.peaks = new TruePeak[channels];
        for (int c = 0; c < channels; c++) {
            weightings[c] = new Weighting(sampleRate);
            peaks[c] = new TruePeak();
        }
    }

    @Override
    public void accept(float[] sound, int samples) {
        int all = samples / channels;
        for (int from = 0; from < all; ) {
            int part = Math.min(TruePeak.BLOCK, Math.min(all - from, stepFrames - inStep));
            for (int c = 0; c < channels; c++) {
                int first = from * channels + c;
                energy += weightings[c].energy(sound, first, channels, part);
                peaks[c].accept(
                        sound,
                        first,
                        channels,
                        part,
                        weightings[c].highest(),
                        weightings[c].step());
            }
            inStep += part;
            from += part;
            if (inStep == stepFrames) endStep();
        }
        frames += all;
    }

    @Override
    public void end() {}

    private void endStep() {
        steps[(int) (count++ % STEPS_PER_BLOCK)] = energy;
        energy = 0;
        inStep = 0;
        if (count >= STEPS_PER_BLOCK)
            endBlock(sum(steps) / ((double) STEPS_PER_BLOCK * stepFrames));
    }

    private void endBlock(double mean) {
        if (mean <= ABSOLUTE_GATE) return;
        double above = 10 * Math.log10(mean / ABSOLUTE_GATE);
        int range = (int) Math.min(above * RANGES_PER_LU, RANGES - 1);
        sums[range] += mean;
        blocks[range]++;
    }

    /** Samples of each channel so far. */
    public long frames() {
        return frames;
    }

    /** What was heard so far. */
    public Measurement measurement() {
        double peak = 0;
        for (TruePeak one : peaks) peak = Math.max(peak, one.peak());
        double loud = hasLoudness ? gatedEnergy() : 0;
        return new Measurement(loud > 0 ? OFFSET + 10 * Math.log10(loud) : null, peak);
    }

    private double gatedEnergy() {
        if (count < STEPS_PER_BLOCK) {
            double mean = frames == 0 ? 0 : (sum(steps) + energy) / frames;
            return mean > ABSOLUTE_GATE ? mean : 0;
        }
        return meanAbove(meanAbove(0) * RELATIVE_GATE);
    }

    private double meanAbove(double gate) {
        double sum = 0;
        long audible = 0;
        for (int i = 0; i < RANGES; i++) {
            if (sums[i] <= gate * blocks[i]) continue;
            sum += sums[i];
            audible += blocks[i];
        }
        return audible == 0 ? 0 : sum / audible;
    }

    private static double sum(double[] values) {
        double sum = 0;
        for (double value : values) sum += value;
        return sum;
    }

    private static double energy(double lufs) {
        return Math.pow(10, (lufs - OFFSET) / 10);
    }

    /**
     * The two filters of BS.1770, for any sample rate: the analogue filters behind the standard's
     * coefficients for 48 kHz, through the bilinear transform.
     */
    private static final class Weighting {
        private static final double SMALLEST = 1e-30;

        /**
         * All bits of a float but its sign. What they say is compared as integers, which takes a
         * JVM without an optimizing compiler half of the time.
         */
        private static final int SIZE = 0x7FFF_FFFF;

        private final double b0;
        private final double b1;
        private final double b2;
        private final double a1;
        private final double a2;
        private final double c1;
        private final double c2;
        private double s1;
        private double s2;
        private double t1;
        private double t2;
        private float last;
        private float highest;
        private float step;

        Weighting(int sampleRate) {
            double k = Math.tan(Math.PI * 1681.974450955533 / sampleRate);
            double q = 0.7071752369554196;
            double high = Math.pow(10, 3.999843853973347 / 20);
            double band = Math.pow(high, 0.4996667741545416);
            double a0 = 1 + k / q + k * k;
            b0 = (high + band * k / q + k * k) / a0;
            b1 = 2 * (k * k - high) / a0;
            b2 = (high - band * k / q + k * k) / a0;
            a1 = 2 * (k * k - 1) / a0;
            a2 = (1 - k / q + k * k) / a0;
            double l = Math.tan(Math.PI * 38.13547087602444 / sampleRate);
            double p = 0.5003270373238773;
            double d0 = 1 + l / p + l * l;
            c1 = 2 * (l * l - 1) / d0;
            c2 = (1 - l / p + l * l) / d0;
        }

        /**
         * The highest sample of the last block, found on the way: a pass of its own takes longer.
         */
        float highest() {
            return highest;
        }

        /** The largest step between two samples, up to the last of the last block. */
        float step() {
            return step;
        }

        double energy(float[] sound, int from, int stride, int frames) {
            double u1 = s1;
            double u2 = s2;
            double v1 = t1;
            double v2 = t2;
            double sum = 0;
            int high = 0;
            int far = 0;
            float before = last;
            for (int i = 0, at = from; i < frames; i++, at += stride) {
                float x = sound[at];
                int size = Float.floatToRawIntBits(x) & SIZE;
                if (size > high) high = size;
                int by = Float.floatToRawIntBits(x - before) & SIZE;
                if (by > far) far = by;
                before = x;
                double y = b0 * x + u1;
                u1 = b1 * x + u2 - a1 * y;
                u2 = b2 * x - a2 * y;
                double z = y + v1;
                v1 = v2 - 2 * y - c1 * z;
                v2 = y - c2 * z;
                sum += z * z;
            }
            last = before;
            highest = Float.intBitsToFloat(high);
            step = Float.intBitsToFloat(far);
            s1 = usable(u1);
            s2 = usable(u2);
            t1 = usable(v1);
            t2 = usable(v2);
            return Double.isFinite(sum) ? sum : 0;
        }

        /**
         * Numbers that small would make each operation slow; and a sample that is no number, as
         * files of floats may have them, would stay in the filters for ever.
         */
        private static double usable(double state) {
            return Math.abs(state) >= SMALLEST && Double.isFinite(state) ? state : 0;
        }
    }
}
