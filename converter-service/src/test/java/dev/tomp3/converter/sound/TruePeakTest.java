package dev.tomp3.converter.sound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TruePeakTest {
    private static final int SAMPLES = 6000;

    @FunctionalInterface
    interface Sound {
        double at(int sample, Random random);
    }

    record Case(String name, Sound sound) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> sounds() {
        return Stream.of(
                new Case("a slow tone", (i, _) -> Math.sin(0.0123 * i)),
                new Case("a tone", (i, _) -> Math.sin(0.31 * i)),
                new Case("a fast tone", (i, _) -> Math.sin(2.9 * i)),
                new Case("a quarter of the rate", (i, _) -> Math.sin(Math.PI * (i / 2.0 + 0.25))),
                new Case("noise", (_, random) -> random.nextGaussian()),
                new Case("a louder and louder tone", (i, _) -> i * Math.sin(0.7 * i)),
                new Case("a softer and softer tone", (i, _) -> Math.sin(1.3 * i) / (1 + i)),
                new Case("steps", (i, _) -> (i / 37) % 2 == 0 ? 1 + i * 1e-6 : -1 - i * 1e-6),
                new Case("a staircase", (i, _) -> (double) ((i / 50) % 9)),
                new Case("clicks", (i, random) -> i % 97 == 0 ? random.nextDouble() : 0),
                new Case(
                        "a tone with a burst of noise",
                        (i, random) ->
                                Math.sin(0.05 * i)
                                        + (i >= 2100 && i < 2400
                                                ? 0.6 * random.nextGaussian()
                                                : 0)));
    }

    /** What is not computed cannot have been the highest. */
    @ParameterizedTest
    @MethodSource("sounds")
    void is_the_highest_of_all_values_between_samples(Case one) {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            float[] sound = new float[2 * SAMPLES];
            double scale = 0.001 + random.nextDouble();
            for (int i = 0; i < SAMPLES; i++)
                sound[2 * i] = (float) (scale * one.sound.at(i + 13 * seed, random));
            TruePeak meter = new TruePeak();
            for (int from = 0; from < SAMPLES; ) {
                int frames = Math.min(1 + random.nextInt(TruePeak.BLOCK), SAMPLES - from);
                float highest = 0;
                float step = 0;
                for (int i = from; i < from + frames; i++) {
                    highest = Math.max(highest, Math.abs(sound[2 * i]));
                    float last = i == 0 ? 0 : sound[2 * i - 2];
                    step = Math.max(step, Math.abs(sound[2 * i] - last));
                }
                meter.accept(sound, 2 * from, 2, frames, highest, step);
                from += frames;
            }
            double expected = highest(sound);
            assertThat((double) meter.peak()).isCloseTo(expected, within(expected * 1e-6));
        }
    }

    /** Of all samples and of all values between them. */
    private static double highest(float[] sound) {
        double highest = 0;
        for (int i = 0; i < SAMPLES; i++) {
            highest = Math.max(highest, Math.abs(sound[2 * i]));
            for (float[] weights : TruePeak.WEIGHTS) {
                double between = 0;
                for (int k = 0; k < TruePeak.TAPS; k++) {
                    int at = i - TruePeak.TAPS + 1 + k;
                    if (at >= 0) between += weights[k] * sound[2 * at];
                }
                highest = Math.max(highest, Math.abs(between));
            }
        }
        return highest;
    }
}
