package dev.tomp3.converter.sound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tomp3.converter.mp3.SegmentFormat;
import dev.tomp3.jobs.Options;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What options do to decoded sound, sample by sample. */
class SoundEditorTest {
    private static final int RATE = 8000;

    @TempDir Path directory;

    private static byte[] bytes(float[] sound) {
        ByteBuffer bytes =
                ByteBuffer.allocate(sound.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(sound);
        return bytes.array();
    }

    private static float[] floats(byte[] bytes) {
        float[] sound = new float[bytes.length / Float.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(sound);
        return sound;
    }

    /** A number for each sample, so that each can be recognised. */
    private static float[] ramp(int frames) {
        float[] sound = new float[frames];
        for (int i = 0; i < frames; i++) sound[i] = 0.1f + i / 1e6f;
        return sound;
    }

    private static float[] tone(int frames, double amplitude) {
        float[] sound = new float[frames];
        for (int i = 0; i < frames; i++)
            sound[i] = (float) (amplitude * Math.sin(2 * Math.PI * 500 * i / RATE));
        return sound;
    }

    private static float[] joined(float[]... parts) {
        float[] all = new float[Arrays.stream(parts).mapToInt(part -> part.length).sum()];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    private SoundEditor editor(int channels, long maxSpool, String... options) {
        Map<String, String> texts = new HashMap<>();
        for (String option : options) {
            int equals = option.indexOf('=');
            texts.put(option.substring(0, equals), option.substring(equals + 1));
        }
        return new SoundEditor(
                Options.of(texts),
                SegmentFormat.whole(RATE, channels),
                directory.resolve("sound"),
                maxSpool);
    }

    /** Takes the sound in two parts, the first of which ends within a sample. */
    private static float[] edited(SoundEditor editor, float[] sound)
            throws IOException, InterruptedException {
        byte[] all = bytes(sound);
        int half = all.length / 2 / 8 * 8;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        editor.take(
                new ByteArrayInputStream(all, 0, half),
                false,
                (pcm, count) -> out.write(pcm, 0, count));
        editor.take(
                new ByteArrayInputStream(all, half, all.length - half),
                true,
                (pcm, count) -> out.write(pcm, 0, count));
        return floats(out.toByteArray());
    }

    @Test
    void without_options_each_byte_stays() throws Exception {
        SoundEditor editor = editor(2, 0);
        float[] sound = ramp(50_000);
        assertThat(edited(editor, sound)).isEqualTo(sound);
        assertThat(editor.made()).isEqualTo(25_000);
        assertThat(editor.taken()).isEqualTo(25_000);
        assertThat(editor.gain()).isZero();
    }

    @Test
    void a_sample_that_is_not_complete_is_filled() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        editor(2, 0)
                .take(
                        new ByteArrayInputStream(new byte[8 * 3 + 5]),
                        true,
                        (pcm, count) -> out.write(pcm, 0, count));
        assertThat(out.size()).isEqualTo(8 * 4);
    }

    @Test
    void start_and_end_are_exact_to_the_sample() throws Exception {
        float[] sound = ramp(80_000);
        SoundEditor editor = editor(1, 0, "start=1.000125", "end=0:9.25");
        assertThat(edited(editor, sound)).isEqualTo(Arrays.copyOfRange(sound, 8001, 74_000));
        assertThat(editor.begin()).isEqualTo(Duration.ofNanos(1_000_125_000));
        assertThat(editor.length()).isEqualTo(Duration.ofNanos(65_999L * 125_000));
    }

    @Test
    void silence_at_both_ends_goes_and_silence_within_stays() throws Exception {
        float[] loud = tone(4000, 0.5);
        loud[0] = 0.5f;
        loud[3999] = 0.5f;
        float[] quiet = tone(6000, 0.002);
        float[] kept = joined(loud, new float[8000], loud);
        SoundEditor editor = editor(1, 1 << 20, "trim_silence=true");
        assertThat(edited(editor, joined(quiet, kept, quiet))).isEqualTo(kept);
        assertThat(editor.begin()).isEqualTo(Duration.ofMillis(750));
        assertThat(directory.resolve("sound")).doesNotExist();

        float[] shortly = joined(new float[3600], kept, new float[3600]);
        assertThat(edited(editor(1, 1 << 20, "trim_silence=true"), shortly)).isEqualTo(shortly);
        float[] silence = new float[20_000];
        assertThat(edited(editor(1, 1 << 20, "trim_silence=true"), silence)).isEqualTo(silence);
    }

    @Test
    void fades_begin_and_end_in_silence() throws Exception {
        float[] sound = new float[80_000];
        Arrays.fill(sound, 0.5f);
        float[] faded = edited(editor(1, 1 << 20, "fade_in=2", "fade_out=3", "start=1"), sound);
        assertThat(faded).hasSize(72_000);
        assertThat(faded[0]).isCloseTo(0, within(1e-6f));
        assertThat(faded[8000]).isCloseTo(0.25f, within(1e-4f));
        assertThat(Arrays.copyOfRange(faded, 16_000, 48_000)).containsOnly(0.5f);
        assertThat(faded[60_000]).isCloseTo(0.25f, within(1e-4f));
        assertThat(faded[71_999]).isCloseTo(0, within(1e-6f));
        for (int i = 1; i < 16_000; i++) assertThat(faded[i]).isGreaterThanOrEqualTo(faded[i - 1]);
    }

    @Test
    void one_gain_reaches_the_loudness() throws Exception {
        float[] sound = joined(tone(40_000, 0.05), tone(40_000, 0.1));
        SoundEditor editor = editor(1, 1 << 20, "loudness=-20");
        float[] louder = edited(editor, sound);
        float gain = (float) Math.pow(10, editor.gain() / 20);
        for (int i = 0; i < sound.length; i++)
            assertThat(louder[i]).isCloseTo(gain * sound[i], within(1e-6f));
        assertThat(editor.result().lufs()).isCloseTo(-20, within(0.01));
        assertThat(editor.before().lufs() + editor.gain()).isCloseTo(-20, within(0.01));
    }

    @Test
    void only_peaks_that_would_be_too_high_are_limited() throws Exception {
        float[] quiet = tone(80_000, 0.02);
        float[] peak = tone(80, 0.5);
        float[] sound = joined(quiet, peak, quiet);
        SoundEditor editor = editor(1, 1 << 20, "loudness=-20");
        float[] limited = edited(editor, sound);
        float gain = (float) Math.pow(10, editor.gain() / 20);
        assertThat(limited).hasSameSizeAs(sound);
        assertThat(gain * 0.5f).isGreaterThan(1);
        assertThat(editor.result().truePeak()).isBetween(-1.5, -1.0);
        for (int i = 0; i < 79_000; i++)
            assertThat(limited[i]).isCloseTo(gain * sound[i], within(1e-6f));
        for (int i = 90_000; i < sound.length; i++)
            assertThat(limited[i]).isCloseTo(gain * sound[i], within(2e-3f));
    }

    @Test
    void a_square_wave_at_full_scale_becomes_quieter_without_a_limiter() throws Exception {
        float[] square = new float[80_000];
        for (int i = 0; i < square.length; i++) square[i] = i / 20 % 2 == 0 ? 1 : -1;
        SoundEditor editor = editor(1, 1 << 20, "loudness=-16");
        float[] quieter = edited(editor, square);
        assertThat(editor.result().lufs()).isCloseTo(-16, within(0.01));
        assertThat(Math.abs(quieter[100])).isEqualTo(Math.abs(quieter[40_000]));
    }

    @Test
    void a_sound_too_long_to_be_kept_is_taken_twice() throws Exception {
        float[] sound = tone(40_000, 0.1);
        float[] kept = edited(editor(1, 1 << 20, "loudness=-20", "fade_out=1"), sound);
        SoundEditor editor = editor(1, 1000, "loudness=-20", "fade_out=1");
        assertThat(edited(editor, sound)).isEmpty();
        assertThat(editor.needsAnother()).isTrue();
        assertThat(directory.resolve("sound")).doesNotExist();
        editor.restart();
        assertThat(edited(editor, sound)).isEqualTo(kept);
        assertThat(editor.needsAnother()).isFalse();
        assertThat(directory).isEmptyDirectory();
    }
}
