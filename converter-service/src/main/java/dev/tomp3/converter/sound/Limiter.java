package dev.tomp3.converter.sound;

import java.io.IOException;
import java.util.Arrays;

/**
 * Applies a gain to all of a sound, and less of it around the places where the true peak would pass
 * -1 dBTP. It looks 5 ms ahead, and recovers within some 200 ms. The result depends on the sound
 * alone.
 *
 * <p>For each sample it (1) takes the highest value of all channels up to the neighbours, (2)
 * computes the gain that brings that down to the limit, which recovers slowly, (3) takes the least
 * gain of the 5 ms to come, and (4) averages that over 5 ms. Each of the averaged gains has seen
 * the sample, so that their mean is no higher than the sample needs.
 */
final class Limiter implements Samples {
    /** -1 dBTP, less what the interpolation between samples may miss. */
    static final double LIMIT = Math.pow(10, -1.05 / 20);

    private static final double LOOKAHEAD = 0.005;
    private static final double RECOVERY = 0.08;
    private static final int HALF = TruePeak.TAPS / 2;
    private static final int BLOCK = 4096;

    /** Between samples that are lower than this there is no value above the limit. */
    private static final float LOW = 0.4f;

    /** A gain that is nearer to 1 is 1: the difference is below the last bit of 20. */
    private static final double RECOVERED = 1e-6;

    private final int channels;
    private final float gain;
    private final int ahead;
    private final double recovery;
    private final Samples next;

    /** With the gain: some frames that were passed on already, then those that were not. */
    private float[] pending;

    private int held = HALF;

    /** The first pending frame of which the gain is not known, and its number in the sound. */
    private int unknown = HALF;

    private long number;
    private double envelope = 1;
    private float before;

    /** A queue of the gains to come that are lower than all behind them, with their frames. */
    private final long[] frames;

    private final double[] gains;
    private final int mask;
    private int first;
    private int newest = -1;

    private final double[] averaged;
    private int oldest;
    private double sum;

    /** How many averaged gains in a row are 1, up to now. */
    private int ones;

    Limiter(int sampleRate, int channels, double gain, Samples next) {
        this.channels = channels;
        this.gain = (float) gain;
        this.ahead = Math.max(1, (int) Math.round(LOOKAHEAD * sampleRate));
        this.recovery = 1 - Math.exp(-1 / (RECOVERY * sampleRate));
        this.next = next;
        this.pending = new float[(BLOCK + ahead + 2 * TruePeak.TAPS) * channels];
        int capacity = 2 * Integer.highestOneBit(ahead + 1); // a power of two: a division is slow
        this.frames = new long[capacity];
        this.gains = new double[capacity];
        this.mask = capacity - 1;
        this.averaged = new double[ahead];
    }

    @Override
    public void accept(float[] sound, int count) throws IOException, InterruptedException {
        int all = count / channels;
        for (int from = 0; from < all; from += BLOCK) {
            append(sound, from * channels, Math.min(BLOCK, all - from));
            process(false);
        }
    }

    @Override
    public void end() throws IOException, InterruptedException {
        append(new float[HALF * channels], 0, HALF);
        process(true);
        next.end();
    }

    private void append(float[] sound, int at, int count) {
        int size = (held + count) * channels;
        if (size > pending.length) pending = Arrays.copyOf(pending, size);
        for (int i = 0; i < count * channels; i++)
            pending[held * channels + i] = gain * sound[at + i];
        held += count;
    }

    private void process(boolean last) throws IOException, InterruptedException {
        int from = unknown - (int) Math.min(number, ahead - 1L);
        int ready = from;
        float[] out = new float[(held - from) * channels];
        while (unknown + HALF < held) {
            int quiet = isRecovered() ? quiet() : 0;
            if (quiet > 0) {
                skip(quiet);
                int samples = quiet * channels;
                System.arraycopy(
                        pending, ready * channels, out, (ready - from) * channels, samples);
                ready += quiet;
            } else {
                enqueue(envelope(highest()));
                unknown++;
                if (number >= ahead) apply(ready++, number - ahead, from, out);
            }
        }
        if (last) {
            while (ready < unknown) {
                apply(ready, number - (unknown - ready), from, out);
                ready++;
            }
        }
        if (ready > from) next.accept(out, (ready - from) * channels);
        int drop = Math.max(0, ready - HALF);
        System.arraycopy(pending, drop * channels, pending, 0, (held - drop) * channels);
        held -= drop;
        unknown -= drop;
    }

    /** Whether all gains are 1, those to come and those that are averaged. */
    private boolean isRecovered() {
        return number >= ahead && ones == ahead && gains[first & mask] == 1;
    }

    /** How many frames follow of which none needs a lower gain. */
    private int quiet() {
        int end = (held - HALF) * channels;
        int i = unknown * channels;
        while (i < end && isLow(pending[i])) i++;
        // a value between the last of them and the next sample may be high
        return i / channels - unknown - 1;
    }

    /** What {@link #enqueue} and {@link #apply} do to that many gains of 1. */
    private void skip(int quiet) {
        unknown += quiet;
        number += quiet;
        frames[newest & mask] = number - 1;
        before = 0;
    }

    /** The highest value of all channels from the frame before to the one behind. */
    private float highest() {
        float after = between(unknown);
        float highest = Math.max(before, after);
        before = after;
        for (int i = unknown * channels; i < (unknown + 1) * channels; i++)
            highest = Math.max(highest, Math.abs(pending[i]));
        return highest;
    }

    private double envelope(float highest) {
        if (envelope < 1) {
            envelope += (1 - envelope) * recovery;
            if (1 - envelope < RECOVERED) envelope = 1;
        }
        if (highest > LIMIT) envelope = Math.min(envelope, LIMIT / highest);
        return envelope;
    }

    private void enqueue(double value) {
        while (newest - first >= 0 && gains[newest & mask] >= value) newest--;
        newest++;
        frames[newest & mask] = number;
        gains[newest & mask] = value;
        number++;
    }

    private void apply(int at, long frame, int from, float[] out) {
        while (newest != first && frames[first & mask] < frame) first++;
        double least = gains[first & mask];
        if (frame == 0) {
            // as if it had been so before: the beginning may be too high
            Arrays.fill(averaged, least);
            sum = least * ahead;
        }
        ones = least == 1 ? Math.min(ones + 1, ahead) : 0;
        sum = ones < ahead ? sum + least - averaged[oldest] : ahead;
        averaged[oldest] = least;
        if (++oldest == ahead) oldest = 0;
        float applied = ones < ahead ? (float) Math.min(1, sum / ahead) : 1;
        int to = (at - from) * channels;
        for (int i = at * channels; i < (at + 1) * channels; i++) out[to++] = pending[i] * applied;
    }

    /** The highest value of all channels between a frame and the next one. */
    private float between(int frame) {
        float highest = 0;
        for (int c = 0; c < channels; c++) {
            int at = frame * channels + c;
            if (isLow(pending[at]) && isLow(pending[at + channels])) continue;
            int from = at - (HALF - 1) * channels;
            for (float[] weights : TruePeak.WEIGHTS) {
                float value = Math.abs(weighted(weights, pending, from, channels));
                if (value > highest) highest = value;
            }
        }
        return highest;
    }

    private static boolean isLow(float sample) {
        return sample < LOW && sample > -LOW;
    }

    /** Written out for the same reason as {@link TruePeak}. */
    private static float weighted(float[] weights, float[] x, int from, int stride) {
        int at = from;
        float sum = weights[0] * x[at];
        sum += weights[1] * x[at += stride];
        sum += weights[2] * x[at += stride];
        sum += weights[3] * x[at += stride];
        sum += weights[4] * x[at += stride];
        sum += weights[5] * x[at += stride];
        sum += weights[6] * x[at += stride];
        sum += weights[7] * x[at += stride];
        sum += weights[8] * x[at += stride];
        sum += weights[9] * x[at += stride];
        sum += weights[10] * x[at += stride];
        sum += weights[11] * x[at += stride];
        sum += weights[12] * x[at += stride];
        sum += weights[13] * x[at += stride];
        sum += weights[14] * x[at += stride];
        return sum + weights[15] * x[at + stride];
    }
}
