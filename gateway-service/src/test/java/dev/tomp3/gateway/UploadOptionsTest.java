package dev.tomp3.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tomp3.jobs.Options;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UploadOptionsTest {
    @Test
    void treats_an_empty_field_as_absent() {
        assertThat(UploadOptions.parse(Map.of())).isEqualTo(Options.NONE);
        assertThat(
                        UploadOptions.parse(
                                Map.of(
                                        "bitrate",
                                        "",
                                        "quality",
                                        "",
                                        "mono",
                                        "",
                                        "sample_rate",
                                        "")))
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
        Options options =
                UploadOptions.parse(
                        Map.of("bitrate", bitrate, "sample_rate", rate, "mono", "true"));
        assertThat(options.mono()).isTrue();
        assertThat(options.bitrate()).isEqualTo(number(bitrate));
        assertThat(options.sampleRate()).isEqualTo(number(rate));
    }

    @ParameterizedTest
    @CsvSource({"'', false", "keep, false", "fail, true"})
    void damaged_files_fail_only_on_request(String damaged, boolean strict) {
        Options options = UploadOptions.parse(Map.of("damaged", damaged));
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
        "'', ''"
    })
    void rejects_illegal_values(String name, String value) {
        assertThatThrownBy(() -> UploadOptions.parse(Map.of(name, value)))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem()).isEqualTo(Problem.INVALID_OPTIONS));
    }

    private static Integer number(String text) {
        return text.isEmpty() ? null : Integer.valueOf(text);
    }
}
