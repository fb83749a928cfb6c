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

    private static final int BLOCK = 1024;

    private final float[] window = new float[BLOCK + TAPS - 1];
    private final float[] between = new float[BLOCK];
    private float peak;

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

    void accept(float[] sound, int from, int stride, int frames) {
        for (int done = 0; done < frames; ) {
            int part = Math.min(BLOCK, frames - done);
            block(sound, from + done * stride, stride, part);
            done += part;
        }
    }

    private void block(float[] sound, int from, int stride, int frames) {
        float highest = 0;
        for (int i = 0; i < TAPS - 1; i++) highest = Math.max(highest, Math.abs(window[i]));
        for (int i = 0, at = from; i < frames; i++, at += stride) {
            float sample = sound[at];
            window[TAPS - 1 + i] = sample;
            highest = Math.max(highest, Math.abs(sample));
        }
        if (highest * BOUND > peak && Float.isFinite(highest)) {
            peak = Math.max(peak, highest);
            for (float[] weights : WEIGHTS) peak = Math.max(peak, highest(weights, frames));
        }
        System.arraycopy(window, frames, window, 0, TAPS - 1);
    }

    private float highest(float[] weights, int frames) {
        for (int i = 0; i < frames; i++) between[i] = weights[0] * window[i];
        for (int k = 1; k < TAPS; k++) {
            float weight = weights[k];
            for (int i = 0; i < frames; i++) between[i] += weight * window[i + k];
        }
        float highest = 0;
        for (int i = 0; i < frames; i++) highest = Math.max(highest, Math.abs(between[i]));
        return highest;
    }

    float peak() {
        return peak;
    }
}
