package dev.tomp3.converter.sound;

/**
 * The highest value of one channel, also between its samples: it is interpolated at three places
 * between each two, as BS.1770-4 (annex 2) asks for. Where no value between them can be a new peak,
 * nothing is computed: the samples around are too low, or the two beside it are, by more than the
 * sound can rise between them while it changes no faster than it does nearby.
 */
final class TruePeak {
    /** Samples on which a value in between depends. */
    static final int TAPS = 16;

    static final int PHASES = 3;

    /** The weight of the sample before the value; the next is that of the sample after it. */
    private static final int LEFT = TAPS / 2 - 1;

    /** By phase, the weights of the samples from seven before to eight after. */
    static final float[][] WEIGHTS = weights();

    /** No value is higher than the highest sample around times this. */
    private static final float BOUND = bound();

    /**
     * No value is further from the line between its neighbours than the largest step times this.
     */
    private static final float RISE = rise();

    /** Long enough to be cheap, short enough to be passed over beside a peak. */
    static final int BLOCK = 128;

    private final float[] window = new float[BLOCK + TAPS - 1];
    private float peak;

    /** No sample at the beginning of the window is higher. */
    private float before;

    /** Nor a step between two of them. */
    private float stepBefore;

    private static float[][] weights() {
        float[][] weights = new float[PHASES][TAPS];
        for (int phase = 0; phase < PHASES; phase++) {
            double sum = 0;
            double[] exact = new double[TAPS];
            for (int k = 0; k < TAPS; k++) {
                double t = k - (TAPS / 2 - 1) - (phase + 1) / (PHASES + 1.0);
                double window = Math.cos(Math.PI * t / (TAPS + 1));
                exact[k] = Math.sin(Math.PI * t) / (Math.PI * t) * window * window;
                sum += exact[k];
            }
            for (int k = 0; k < TAPS; k++) weights[phase][k] = (float) (exact[k] / sum);
        }
        return weights;
    }

    private static float bound() {
        float bound = 0;
        for (float[] phase : WEIGHTS) {
            float sum = 0;
            for (float weight : phase) sum += Math.abs(weight);
            bound = Math.max(bound, sum);
        }
        return bound;
    }

    /** By summation by parts: a sum of steps, each with the sum of all weights before it. */
    private static float rise() {
        double rise = 0;
        for (int phase = 0; phase < PHASES; phase++) {
            double t = (phase + 1) / (PHASES + 1.0);
            double before = 0;
            double sum = 0;
            for (int k = 0; k < TAPS; k++) {
                double line = k == LEFT ? 1 - t : k == LEFT + 1 ? t : 0;
                before += WEIGHTS[phase][k] - line;
                sum += Math.abs(before);
            }
            rise = Math.max(rise, sum);
        }
        return (float) rise * 1.0001f; // weights and sums are rounded
    }

    /**
     * Takes the next block.
     *
     * @param from the index of its first sample
     * @param stride from one sample to the next
     * @param frames at most {@link #BLOCK}
     * @param highest sample of the block, without its sign
     * @param step the largest between two samples, the first of them from the block before
     */
    void accept(float[] sound, int from, int stride, int frames, float highest, float step) {
        float around = Math.max(highest, before);
        float fastest = Math.max(step, stepBefore);
        boolean near =
                Math.min(around * BOUND, around + fastest * RISE) > peak && Float.isFinite(around);
        if (near) peak = Math.max(peak, highest);
        // of a block that is not computed, the end is enough
        int first = near ? 0 : Math.max(0, frames - (TAPS - 1));
        for (int i = first, at = from + first * stride; i < frames; i++, at += stride)
            window[TAPS - 1 + i] = sound[at];
        if (near) interpolate(frames, fastest);
        System.arraycopy(window, frames, window, 0, TAPS - 1);
        before = frames < TAPS - 1 ? around : highest;
        stepBefore = frames < TAPS - 1 ? fastest : step;
    }

    /**
     * Interpolates where it can be a new peak.
     *
     * @param step no step between two samples of the window is larger
     */
    private void interpolate(int frames, float step) {
        float[] x = window;
        float low = peak - RISE * step;
        float highest = peak;
        boolean left = x[LEFT] > low || -x[LEFT] > low;
        for (int i = 0; i < frames; i++) {
            float next = x[i + LEFT + 1];
            boolean right = next > low || -next > low;
            if (left || right) {
                for (float[] weights : WEIGHTS) {
                    float between = between(x, i, weights);
                    if (between > highest) highest = between;
                    else if (-between > highest) highest = -between;
                }
            }
            left = right;
        }
        peak = highest;
    }

    /**
     * Written out for a JVM without an optimizing compiler, as {@code ./run} starts it: there a
     * loop over the weights takes two and a half times as long.
     */
    private static float between(float[] x, int i, float[] weights) {
        return weights[0] * x[i]
                + weights[1] * x[i + 1]
                + weights[2] * x[i + 2]
                + weights[3] * x[i + 3]
                + weights[4] * x[i + 4]
                + weights[5] * x[i + 5]
                + weights[6] * x[i + 6]
                + weights[7] * x[i + 7]
                + weights[8] * x[i + 8]
                + weights[9] * x[i + 9]
                + weights[10] * x[i + 10]
                + weights[11] * x[i + 11]
                + weights[12] * x[i + 12]
                + weights[13] * x[i + 13]
                + weights[14] * x[i + 14]
                + weights[15] * x[i + 15];
    }

    float peak() {
        return peak;
    }
}
