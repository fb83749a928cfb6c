package dev.tomp3.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tomp3.jobs.Option;
import dev.tomp3.jobs.Options;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import io.swagger.v3.oas.models.media.Schema;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.util.unit.DataSize;

class UploadOptionsTest {
    private static Options parse(Map<String, String> fields) {
        return new UploadOptions(new Presets(properties(""))).parse(fields);
    }

    private static GatewayProperties properties(String presetsFile) {
        DataSize none = DataSize.ofBytes(0);
        return new GatewayProperties(
                "auth",
                none,
                Duration.ofHours(12),
                0,
                none,
                none,
                0,
                0,
                List.of(),
                0,
                0,
                presetsFile,
                "",
                "");
    }

    @Test
    void a_preset_is_a_set_of_options_and_single_options_win() {
        Options podcast = parse(Map.of("preset", "podcast"));
        assertThat(podcast.json())
                .containsEntry("preset", "podcast")
                .containsEntry("bitrate", 128)
                .containsEntry("loudness", new BigDecimal("-16"));
        Options other =
                parse(Map.of("preset", "podcast", "quality", "4", "loudness", "-20", "mono", ""));
        assertThat(other.bitrate()).isNull();
        assertThat(other.quality()).isEqualTo(4);
        assertThat(other.decimal(Option.LOUDNESS)).isEqualTo(-20);
        for (String name : List.of("music", "voice", "small"))
            assertThat(parse(Map.of("preset", name)).objection()).isNull();
        assertThatThrownBy(() -> parse(Map.of("preset", "loud")))
                .hasMessageContaining("music, podcast, small, voice");
    }

    @Test
    @SuppressWarnings("unchecked")
    void the_description_says_what_can_be_combined() {
        Map<String, Schema<?>> fields = new UploadOptions(new Presets(properties(""))).formFields();
        Schema<?> bitrate = fields.get("bitrate");
        List<String> bitrates = (List<String>) bitrate.getExtensions().get("x-values");
        assertThat(bitrates).startsWith("32", "40").endsWith("320").doesNotHaveDuplicates();
        assertThat(bitrate.getExtensions()).containsEntry("x-excludes", List.of("quality"));
        Schema<?> rate = fields.get("sample_rate");
        var left =
                ((Map<String, Map<String, List<String>>>) rate.getExtensions().get("x-values-with"))
                        .get("bitrate");
        for (String first : bitrates) {
            for (String second : (List<String>) rate.getExtensions().get("x-values")) {
                boolean legal = left.get(first).contains(second);
                Map<String, String> both = Map.of("bitrate", first, "sample_rate", second);
                if (legal) assertThat(parse(both).objection()).isNull();
                else assertThatThrownBy(() -> parse(both)).isInstanceOf(ProblemException.class);
            }
        }
        assertThat((Map<String, ?>) fields.get("preset").getExtensions().get("x-presets"))
                .containsKeys("music", "podcast", "voice", "small");
    }

    @Test
    void an_administrator_adds_presets(@TempDir Path directory) throws IOException {
        Path file =
                Files.writeString(
                        directory.resolve("presets.json"),
                        "{\"lecture\":{\"bitrate\":48,\"mono\":true,\"fade_in\":0.5},\"music\":{\"bitrate\":320}}");
        UploadOptions options = new UploadOptions(new Presets(properties(file.toString())));
        assertThat(options.parse(Map.of("preset", "lecture")).mono()).isTrue();
        assertThat(options.parse(Map.of("preset", "music")).bitrate()).isEqualTo(320);
        assertThat(options.parse(Map.of("preset", "small")).bitrate()).isEqualTo(32);
    }

    @Test
    void values_have_one_form() {
        Options options =
                parse(
                        Map.of(
                                "start", "1:30.50",
                                "end", "1:02:03",
                                "track", "language=de",
                                "trim_silence", "false",
                                "title", "",
                                "artist", "a\0b"));
        assertThat(options.others())
                .containsOnly(
                        Map.entry("start", "90.5"),
                        Map.entry("end", "3723"),
                        Map.entry("track", "language=de"),
                        Map.entry("trim_silence", "false"),
                        Map.entry("title", ""),
                        Map.entry("artist", "a b"));
        assertThat(options.changesSound()).isTrue();
        assertThat(options.needsAnalysis()).isFalse();
    }

    @Test
    void treats_an_empty_field_as_absent() {
        assertThat(parse(Map.of())).isEqualTo(Options.NONE);
        assertThat(parse(Map.of("bitrate", "", "quality", "", "mono", "", "sample_rate", "")))
                .isEqualTo(Options.NONE);
    }

    @ParameterizedTest
    @CsvSource({
        "32, 8000",
        "64, 8000",
        "160, 16000",
        "144, 24000",
        "320, 48000",
        "320, ''",
        "144, ''",
        "'', 11025",
        "'', 44100"
    })
    void takes_what_layer_3_can_hold(String bitrate, String rate) {
        Options options = parse(Map.of("bitrate", bitrate, "sample_rate", rate, "mono", "true"));
        assertThat(options.mono()).isTrue();
        assertThat(options.bitrate()).isEqualTo(number(bitrate));
        assertThat(options.sampleRate()).isEqualTo(number(rate));
    }

    @ParameterizedTest
    @CsvSource({"'', false", "keep, false", "fail, true"})
    void damaged_files_fail_only_on_request(String damaged, boolean strict) {
        Options options = parse(Map.of("damaged", damaged));
        assertThat(options.strict()).isEqualTo(strict);
        assertThat(options.keepsMp3()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "bitrate, 0",
        "bitrate, -128",
        "bitrate, 128k",
        "bitrate, 1e2",
        "bitrate, 72",
        "bitrate, \u0661\u0662\u0668",
        "bitrate, +128",
        "bitrate, 2147483648",
        "quality, 10",
        "quality, -1",
        "quality, 4.5",
        "mono, TRUE",
        "mono, 1",
        "damaged, true",
        "damaged, FAIL",
        "sample_rate, 44000",
        "sample_rate, 96000",
        "format, ogg",
        "track, 0",
        "track, language=german",
        "start, -1",
        "start, 1:2:3:4",
        "end, 0",
        "fade_in, 1s",
        "trim_silence, yes",
        "loudness, -31",
        "loudness, -30.5",
        "loudness, -4",
        "loudness, 16",
        "cover, front",
        "tags, all",
        "preset, ../music",
        "'', ''"
    })
    void rejects_illegal_values(String name, String value) {
        assertThatThrownBy(() -> parse(Map.of(name, value)))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem()).isEqualTo(Problem.INVALID_OPTIONS));
    }

    private static Integer number(String text) {
        return text.isEmpty() ? null : Integer.valueOf(text);
    }
}
