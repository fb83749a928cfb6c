package dev.tomp3.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentsTest {
    @Test
    void serves_without_arguments() throws CommandException {
        assertThat(Arguments.parse()).isEqualTo(new Arguments.Serve());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "-h", "clip.mp4 --help"})
    void shows_help_whatever_else_is_given(String line) throws CommandException {
        assertThat(Arguments.parse(line.split(" "))).isEqualTo(new Arguments.Help());
    }

    @ParameterizedTest
    @CsvSource({
        "clip.mp4, clip.mp3",
        "/videos/clip.mp4, clip.mp3",
        "../two.dots.mkv, two.dots.mp3",
        "no-shutdown, no-shutdown.mp3",
        ".hidden, .hidden.mp3",
    })
    void names_the_mp3_after_the_video_in_the_current_directory(String video, String mp3)
            throws CommandException {
        assertThat(Arguments.parse(video))
                .isEqualTo(new Arguments.Convert(Path.of(video), Path.of(mp3)));
    }

    @Test
    void accepts_the_output_before_or_after_the_video() throws CommandException {
        Arguments named = new Arguments.Convert(Path.of("a.mp4"), Path.of("/tmp/b.mp3"));
        assertThat(Arguments.parse("a.mp4", "-o", "/tmp/b.mp3")).isEqualTo(named);
        assertThat(Arguments.parse("-o", "/tmp/b.mp3", "a.mp4")).isEqualTo(named);
    }

    @Test
    void after_two_hyphens_everything_is_a_name() throws CommandException {
        assertThat(Arguments.parse("--", "-x.mp4"))
                .isEqualTo(new Arguments.Convert(Path.of("-x.mp4"), Path.of("-x.mp3")));
        assertThat(Arguments.parse("-o", "b.mp3", "--", "--help"))
                .isEqualTo(new Arguments.Convert(Path.of("--help"), Path.of("b.mp3")));
        assertThat(Arguments.parse("--")).isEqualTo(new Arguments.Serve());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--fast",
                "-x a.mp4",
                "a.mp4 b.mp4",
                "a.mp4 -o",
                "-o b.mp3",
                "a.mp4 -o b -o c",
                "a.mp4 -- -o b",
                "-- -x.mp4 -y.mp4"
            })
    void rejects_everything_else_as_a_usage_error(String line) {
        assertThatThrownBy(() -> Arguments.parse(line.split(" ")))
                .isInstanceOfSatisfying(
                        CommandException.class, failure -> assertThat(failure.status).isEqualTo(2));
    }
}
