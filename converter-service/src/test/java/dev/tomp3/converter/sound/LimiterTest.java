package dev.tomp3.converter.sound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LimiterTest {
    private static final int RATE = 8000;
    private static final int CHANNELS = 2;
    private static final float GAIN = 2;

    /** A low tone for nine seconds, with a burst after each third second that is too high. */
    private static float[] sound() {
        float[] sound = new float[9 * RATE * CHANNELS];
        for (int i = 0; i < sound.length / CHANNELS; i++) {
            double second = (double) i / RATE;
            boolean burst = second % 3 < 0.01;
            // two samples of four are at the crests, and the crests of the other channel are
            // between two
            sound[2 * i] = (float) ((burst ? 0.9 : 0.15) * Math.sin(Math.PI / 2 * i));
            sound[2 * i + 1] =
                    (float) ((burst ? 0.9 : 0.15) * Math.sin(Math.PI / 2 * i + Math.PI / 4));
        }
        return sound;
    }

    private static float[] limited(float[] sound, int block) throws Exception {
        float[] result = new float[sound.length];
        int[] length = {0};
        Samples end =
                new Samples() {
                    @Override
                    public void accept(float[] part, int count) {
                        System.arraycopy(part, 0, result, length[0], count);
                        length[0] += count;
                    }

                    @Override
                    public void end() {}
                };
        Limiter limiter = new Limiter(RATE, CHANNELS, GAIN, end);
        for (int from = 0; from < sound.length; from += block * CHANNELS) {
            int to = Math.min(sound.length, from + block * CHANNELS);
            limiter.accept(Arrays.copyOfRange(sound, from, to), to - from);
        }
        limiter.end();
        assertThat(length[0]).isEqualTo(sound.length);
        return result;
    }

    /** With blocks of one frame, none is passed on without its gain being computed. */
    @ParameterizedTest
    @ValueSource(ints = {7, 100, 1000, 4096, 100_000})
    void the_result_does_not_depend_on_blocks(int block) throws Exception {
        assertThat(limited(sound(), block)).isEqualTo(limited(sound(), 1));
    }

    @Test
    void lowers_what_is_too_high_and_nothing_else() throws Exception {
        float[] sound = sound();
        float[] result = limited(sound, 1000);
        LoudnessMeter meter = new LoudnessMeter(RATE, CHANNELS);
        meter.accept(result, result.length);
        assertThat(meter.measurement().peak()).isCloseTo(Limiter.LIMIT, within(0.02));
        for (int second : new int[] {2, 5, 8})
            for (int i = second * RATE * CHANNELS; i < second * RATE * CHANNELS + RATE; i++)
                assertThat(result[i]).isEqualTo(GAIN * sound[i]);
    }
}
