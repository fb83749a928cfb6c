package dev.tomp3.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {
    private static final List<Integer> MPEG_1 = List.of(32_000, 44_100, 48_000);
    private static final List<Integer> MPEG_2 = List.of(16_000, 22_050, 24_000);
    private static final List<Integer> MPEG_25 = List.of(8_000, 11_025, 12_000);

    /** ISO/IEC 11172-3 and 13818-3, Layer III, from 32 kbit/s; LAME ends MPEG-2.5 at 64. */
    @ParameterizedTest
    @CsvSource({
        "31,  false, false, false",
        "32,  true,  true,  true",
        "33,  false, false, false",
        "40,  true,  true,  true",
        "48,  true,  true,  true",
        "56,  true,  true,  true",
        "64,  true,  true,  true",
        "80,  true,  true,  false",
        "96,  true,  true,  false",
        "112, true,  true,  false",
        "128, true,  true,  false",
        "144, false, true,  false",
        "160, true,  true,  false",
        "176, false, false, false",
        "192, true,  false, false",
        "224, true,  false, false",
        "256, true,  false, false",
        "320, true,  false, false",
        "321, false, false, false",
        "0,   false, false, false",
        "-64, false, false, false"
    })
    void accepts_the_bitrates_of_each_version(
            int bitrate, boolean mpeg1, boolean mpeg2, boolean mpeg25) {
        MPEG_1.forEach(rate -> assertLegal(new Options(bitrate, null, false, rate, false), mpeg1));
        MPEG_2.forEach(rate -> assertLegal(new Options(bitrate, null, true, rate, false), mpeg2));
        MPEG_25.forEach(
                rate -> assertLegal(new Options(bitrate, null, false, rate, false), mpeg25));
        assertLegal(new Options(bitrate, null, false, null, false), mpeg1 || mpeg2 || mpeg25);
    }

    @Test
    void the_table_of_the_documents_is_this_table() throws IOException {
        String table =
                Arrays.stream(Option.values())
                        .map(option ->
                                "| `%s` | %s | %s |\n"
                                        .formatted(
                                                option.wire(),
                                                option.type().explanation(),
                                                option.description()))
                        .collect(Collectors.joining());
        assertThat(Files.readString(Path.of("../../docs/api.md"))).contains(table);
    }

    @ParameterizedTest
    @CsvSource({"-1, false", "0, true", "9, true", "10, false"})
    void accepts_the_qualities_of_lame_at_every_rate(int quality, boolean legal) {
        assertLegal(new Options(null, quality, false, null, false), legal);
        assertLegal(new Options(null, quality, false, 8_000, false), legal);
        assertLegal(new Options(null, quality, true, 48_000, false), legal);
    }

    @ParameterizedTest
    @CsvSource({
        "2026, true",
        "2026-11, true",
        "2026-11-27, true",
        "'', true",
        "spring 2026, false",
        "27.11.2026, false",
        "2026-11-27T10:00, false",
        "26, false"
    })
    void a_year_is_a_year_or_a_date_or_empty(String year, boolean legal) {
        Map<String, String> options = Map.of("year", year);
        if (legal) assertThat(Options.of(options).text(Option.YEAR)).contains(year);
        else
            assertThatThrownBy(() -> Options.of(options))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("year must be");
    }

    @Test
    void rejects_rates_that_mp3_does_not_have() {
        for (int rate : new int[] {0, -1, 7_999, 44_101, 96_000}) {
            assertLegal(new Options(null, null, false, rate, false), false);
            assertLegal(new Options(null, 2, false, rate, false), false);
        }
    }

    @Test
    void rejects_constant_and_variable_together() {
        assertThat(new Options(128, 2, false, null, false).objection()).contains("not both");
    }

    @Test
    void names_the_legal_combinations_when_it_rejects_one() {
        assertThat(new Options(320, null, false, 22_050, false).objection())
                .contains("44100", "22050", "8000", "320", "160", "64");
    }

    @ParameterizedTest
    @CsvSource({
        // no bit rate chosen: 192 kbit/s has the rates of MPEG-1 only
        "44100,  ,    44100",
        "48000,  ,    48000",
        "8000,   ,    32000",
        "96000,  ,    48000",
        "192000, ,    48000",
        "37800,  ,    32000",
        "38050,  ,    44100",
        "46050,  ,    48000",
        "46049,  ,    44100",
        // 64 kbit/s has all of them
        "8000,   64,  8000",
        "11000,  64,  11025",
        "44100,  64,  44100",
        "9513,   64,  11025",
        "9512,   64,  8000",
        // 144 kbit/s those of MPEG-2 only
        "44100,  144, 24000",
        "8000,   144, 16000"
    })
    void chooses_the_legal_rate_nearest_to_the_source(int source, Integer bitrate, int expected) {
        assertThat(new Options(bitrate, null, false, null, false).sampleRateFor(source))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"8000, 8000", "96000, 48000", "11000, 11025"})
    void a_variable_bitrate_is_legal_at_every_rate(int source, int expected) {
        assertThat(new Options(null, 4, false, null, false).sampleRateFor(source))
                .isEqualTo(expected);
    }

    @Test
    void a_chosen_rate_is_used() {
        assertThat(new Options(null, null, false, 32_000, false).sampleRateFor(44_100))
                .isEqualTo(32_000);
    }

    @ParameterizedTest
    @CsvSource({"48000, 192", "24000, 160", "8000, 64"})
    void without_a_bitrate_192_or_the_highest_that_the_rate_allows(int rate, int expected) {
        Options options = new Options(null, null, false, rate, false);
        assertLegal(options, true);
        assertThat(options.effectiveBitrate()).isEqualTo(expected);
        assertLegal(new Options(options.effectiveBitrate(), null, false, rate, false), true);
    }

    @Test
    void only_no_options_at_all_allow_a_copy() {
        assertThat(Options.NONE.keepsMp3()).isTrue();
        assertThat(new Options(192, null, false, null, false).keepsMp3()).isFalse();
        assertThat(new Options(null, 2, false, null, false).keepsMp3()).isFalse();
        assertThat(new Options(null, null, true, null, false).keepsMp3()).isFalse();
        assertThat(new Options(null, null, false, 44_100, false).keepsMp3()).isFalse();
    }

    private static void assertLegal(Options options, boolean legal) {
        if (legal) assertThat(options.objection()).as(options.toString()).isNull();
        else assertThat(options.objection()).as(options.toString()).isNotNull();
    }
}
