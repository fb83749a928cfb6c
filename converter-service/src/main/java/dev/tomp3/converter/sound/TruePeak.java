package dev.tomp3.converter.sound;

/**
 * The highest value of one channel, also between its samples: it is interpolated at three places
 * between each two, as BS.1770-4 (annex 2) asks for. Where the samples are so low that no value
 * between them can be a new peak, nothing is computed.
 */
final class TruePeak {
    /** Samples on which a value in between depends. */
    static final int TAPS = 16;

    static final int PHASES = 3;

    /** By phase, the weights of the samples from seven before to eight after. */
    static final float[][] WEIGHTS = weights();

    /** No value is higher than the highest sample around times this. */
    private static final float BOUND = bound();

    /** Long enough to be cheap, short enough to be passed over beside a peak. */
    static final int BLOCK = 128;

    private final float[] window = new float[BLOCK + TAPS - 1];
    private float peak;

    /** No sample at the beginning of the window is higher. */
    private float before;

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

    /**
     * Takes the next block.
     *
     * @param from the index of its first sample
     * @param stride from one sample to the next
     * @param frames at most {@link #BLOCK}
     * @param highest sample of the block, without its sign
     */
    void accept(float[] sound, int from, int stride, int frames, float highest) {
        float around = Math.max(highest, before);
        boolean near = around * BOUND > peak && Float.isFinite(around);
        if (near) peak = Math.max(peak, highest);
        // of a block that is not computed, the end is enough
        int first = near ? 0 : Math.max(0, frames - (TAPS - 1));
        for (int i = first, at = from + first * stride; i < frames; i++, at += stride)
            window[TAPS - 1 + i] = sound[at];
        if (near) for (float[] weights : WEIGHTS) peak = Math.max(peak, highest(weights, frames));
        System.arraycopy(window, frames, window, 0, TAPS - 1);
        before = frames < TAPS - 1 ? around : highest;
    }

    /**
     * Written out, and without Math.max, for a JVM without an optimizing compiler, as {@code ./run}
     * starts it: there a loop over the weights takes two and a half times as long.
     */
    private float highest(float[] weights, int frames) {
        float[] x = window;
        float w0 = weights[0];
        float w1 = weights[1];
        float w2 = weights[2];
        float w3 = weights[3];
        float w4 = weights[4];
        float w5 = weights[5];
        float w6 = weights[6];
        float w7 = weights[7];
        float w8 = weights[8];
        float w9 = weights[9];
        float w10 = weights[10];
        float w11 = weights[11];
        float w12 = weights[12];
        float w13 = weights[13];
        float w14 = weights[14];
        float w15 = weights[15];
        float highest = 0;
        for (int i = 0; i < frames; i++) {
            float between =
                    w0 * x[i + 0]
                            + w1 * x[i + 1]
                            + w2 * x[i + 2]
                            + w3 * x[i + 3]
                            + w4 * x[i + 4]
                            + w5 * x[i + 5]
                            + w6 * x[i + 6]
                            + w7 * x[i + 7]
                            + w8 * x[i + 8]
                            + w9 * x[i + 9]
                            + w10 * x[i + 10]
                            + w11 * x[i + 11]
                            + w12 * x[i + 12]
                            + w13 * x[i + 13]
                            + w14 * x[i + 14]
                            + w15 * x[i + 15];
            if (between > highest) highest = between;
            else if (-between > highest) highest = -between;
        }
        return highest;
    }

    float peak() {
        return peak;
    }
}
