package dev.tomp3.converter.sound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The meter against the signals of EBU Tech 3341, of which the loudness is known. */
class LoudnessMeterTest {
    /** A tone of 1 kHz in all channels. */
    private static float[] tone(int rate, int channels, double seconds, double decibels) {
        double amplitude = Math.pow(10, decibels / 20);
        float[] sound = new float[(int) Math.round(rate * seconds) * channels];
        for (int i = 0; i < sound.length; i++) {
            int frame = i / channels;
            sound[i] = (float) (amplitude * Math.sin(2 * Math.PI * 1000 * frame / rate));
        }
        return sound;
    }

    private static Measurement measured(int rate, int channels, float[]... parts) {
        LoudnessMeter meter = new LoudnessMeter(rate, channels);
        for (float[] part : parts) meter.accept(part, part.length);
        return meter.measurement();
    }

    @ParameterizedTest
    @ValueSource(ints = {8000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000})
    void a_stereo_tone_is_as_loud_as_its_level_at_every_rate(int rate) {
        Measurement loudness = measured(rate, 2, tone(rate, 2, 5, -23));
        assertThat(loudness.lufs()).isCloseTo(-23, within(0.1));
        assertThat(loudness.truePeak()).isCloseTo(-23, within(0.1));
        assertThat(loudness.replayGain()).isCloseTo(5, within(0.1));
    }

    @ParameterizedTest
    @ValueSource(ints = {4000, 5512, 6000})
    void below_the_rates_of_mp3_a_tone_is_about_as_loud_as_its_level(int rate) {
        assertThat(measured(rate, 2, tone(rate, 2, 5, -23)).lufs()).isCloseTo(-23, within(0.5));
    }

    /** A filter of BS.1770 has its corner at a frequency that such a sound cannot have. */
    @ParameterizedTest
    @ValueSource(ints = {1, 75, 100, 2000, 3364, 3999})
    void at_very_low_rates_there_is_a_peak_but_no_loudness(int rate) {
        float[] sound = new float[20 * rate];
        for (int i = 0; i < sound.length; i++) sound[i] = 0.5f * (i % 4 - 1.5f) / 1.5f;
        Measurement loudness = measured(rate, 1, sound);
        assertThat(loudness.lufs()).isNull();
        assertThat(loudness.told(0)).isNull();
        assertThat(loudness.replayGain()).isZero();
        assertThat(loudness.peak()).isBetween(0.49, 0.8);
    }

    @Test
    void a_mono_tone_is_half_as_loud() {
        assertThat(measured(48_000, 1, tone(48_000, 1, 5, -20)).lufs()).isCloseTo(-23, within(0.1));
    }

    @ParameterizedTest
    @CsvSource({
        "-36, 10, -23, 60, -36, 10", // Tech 3341, case 3
        "-26, 20, -20, 20.1, -26, 20" // case 5
    })
    void quiet_passages_are_gated(double a, double s, double b, double t, double c, double u) {
        Measurement loudness =
                measured(
                        48_000,
                        2,
                        tone(48_000, 2, s, a),
                        tone(48_000, 2, t, b),
                        tone(48_000, 2, u, c));
        assertThat(loudness.lufs()).isCloseTo(-23, within(0.1));
    }

    @Test
    void very_quiet_passages_do_not_count_at_all() {
        List<float[]> parts = new ArrayList<>(); // case 4
        for (double level : new double[] {-72, -36, -23, -36, -72})
            parts.add(tone(48_000, 2, level == -23 ? 60 : 10, level));
        assertThat(measured(48_000, 2, parts.toArray(float[][]::new)).lufs())
                .isCloseTo(-23, within(0.1));
    }

    /** As files of floats may have them. */
    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void a_sample_that_is_no_number_counts_as_its_moment_only(float sample) {
        float[] sound = tone(48_000, 2, 5, -23);
        sound[1000] = sample;
        Measurement loudness = measured(48_000, 2, sound);
        assertThat(loudness.lufs()).isCloseTo(-23, within(0.1));
        assertThat(loudness.truePeak()).isCloseTo(-23, within(0.1));
    }

    @Test
    void ranges_of_loudness_are_as_exact_as_single_blocks() {
        Random random = new Random(1);
        float[] sound = new float[48_000 * 60];
        double level = 0;
        for (int i = 0; i < sound.length; i++) {
            if (i % 3000 == 0) level = Math.pow(10, -3 * random.nextDouble());
            sound[i] = (float) (level * random.nextGaussian());
        }
        // as a meter that keeps all blocks measures it
        assertThat(measured(48_000, 1, sound).lufs()).isCloseTo(-7.9699, within(0.01));
    }

    @Test
    void silence_has_no_loudness() {
        Measurement silence = measured(48_000, 2, new float[960_000]);
        assertThat(silence.lufs()).isNull();
        assertThat(silence.replayGain()).isZero();
        assertThat(silence.told(0)).isNull();
    }

    @Test
    void less_than_a_block_counts_as_one() {
        assertThat(measured(48_000, 2, tone(48_000, 2, 0.25, -20)).lufs())
                .isCloseTo(-20, within(0.3));
    }

    /** A quarter of the sample rate, of which no sample is at the peak (cases 15 to 17). */
    @ParameterizedTest
    @CsvSource({"4, 45, 0.5", "6, 60, 0.5", "8, 67.5, 0.5", "4, 0, 0.5"})
    void finds_peaks_between_samples(int period, double phase, double amplitude) {
        float[] sound = new float[48_000];
        for (int i = 0; i < sound.length; i++) {
            double fade = Math.min(1, Math.min(i, sound.length - i) / 4800.0);
            double angle = 2 * Math.PI * i / period + Math.toRadians(phase);
            sound[i] = (float) (fade * amplitude * Math.sin(angle));
        }
        double error = measured(48_000, 1, sound).truePeak() - 20 * Math.log10(amplitude);
        assertThat(error).isBetween(-0.4, 0.2);
    }

    @Test
    void blocks_of_any_size_make_the_same() {
        float[] sound = tone(44_100, 2, 2, -12);
        LoudnessMeter meter = new LoudnessMeter(44_100, 2);
        for (int at = 0, size = 2; at < sound.length; at += size, size = size * 7 % 4000 + 2) {
            size = Math.min(size & ~1, sound.length - at);
            float[] part = new float[size];
            System.arraycopy(sound, at, part, 0, size);
            meter.accept(part, size);
        }
        Measurement whole = measured(44_100, 2, sound);
        assertThat(meter.measurement().lufs()).isCloseTo(whole.lufs(), within(1e-6));
        assertThat(meter.measurement().peak()).isCloseTo(whole.peak(), within(1e-6));
        assertThat(meter.frames()).isEqualTo(88_200);
    }
}
