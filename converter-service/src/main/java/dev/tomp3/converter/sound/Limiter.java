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
    private static final double LOW = 0.4;

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
    private double before;

    /** A queue of the gains to come that are lower than all behind them, with their frames. */
    private final long[] frames;

    private final double[] gains;
    private long first;
    private long end;

    private final double[] averaged;
    private int oldest;
    private double sum;

    Limiter(int sampleRate, int channels, double gain, Samples next) {
        this.channels = channels;
        this.gain = (float) gain;
        this.ahead = Math.max(1, (int) Math.round(LOOKAHEAD * sampleRate));
        this.recovery = 1 - Math.exp(-1 / (RECOVERY * sampleRate));
        this.next = next;
        this.pending = new float[(BLOCK + ahead + 2 * TruePeak.TAPS) * channels];
        this.frames = new long[ahead + 1];
        this.gains = new double[ahead + 1];
        this.averaged = new double[ahead];
        Arrays.fill(averaged, 1);
        this.sum = ahead;
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
        for (; unknown + HALF < held; unknown++) {
            double after = between(unknown);
            double highest = Math.max(before, after);
            for (int c = 0; c < channels; c++)
                highest = Math.max(highest, Math.abs(pending[unknown * channels + c]));
            before = after;
            double required = highest > LIMIT ? LIMIT / highest : 1;
            envelope = Math.min(required, envelope + (1 - envelope) * recovery);
            enqueue(envelope);
            if (number >= ahead) apply(ready++, number - ahead, from, out);
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

    private void enqueue(double value) {
        while (end > first && gains[(int) ((end - 1) % gains.length)] >= value) end--;
        frames[(int) (end % frames.length)] = number;
        gains[(int) (end % gains.length)] = value;
        end++;
        number++;
    }

    private void apply(int at, long frame, int from, float[] out) {
        while (end - first > 1 && frames[(int) (first % frames.length)] < frame) first++;
        double least = gains[(int) (first % gains.length)];
        sum += least - averaged[oldest];
        averaged[oldest] = least;
        oldest = (oldest + 1) % ahead;
        float applied = (float) Math.min(1, sum / ahead);
        for (int c = 0; c < channels; c++)
            out[(at - from) * channels + c] = pending[at * channels + c] * applied;
    }

    /** The highest value of all channels between a frame and the next one. */
    private double between(int frame) {
        double highest = 0;
        for (int c = 0; c < channels; c++) {
            int at = frame * channels + c;
            if (Math.abs(pending[at]) < LOW && Math.abs(pending[at + channels]) < LOW) continue;
            int from = at - (HALF - 1) * channels;
            for (float[] weights : TruePeak.WEIGHTS) {
                float value = 0;
                for (int k = 0; k < TruePeak.TAPS; k++)
                    value += weights[k] * pending[from + k * channels];
                highest = Math.max(highest, Math.abs(value));
            }
        }
        return highest;
    }
}
