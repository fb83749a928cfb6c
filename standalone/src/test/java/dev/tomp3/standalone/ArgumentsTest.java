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
    void nothing_means_serve() throws Refusal {
        assertThat(Arguments.parse()).isEqualTo(new Arguments.Serve());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "-h", "clip.mp4 --help"})
    void help_is_for_everybody(String line) throws Refusal {
        assertThat(Arguments.parse(line.split(" "))).isEqualTo(new Arguments.Help());
    }

    @ParameterizedTest
    @CsvSource({
        "clip.mp4, clip.mp3",
        "/videos/clip.mp4, clip.mp3",
        "../two.dots.mkv, two.dots.mp3",
        "no-ending, no-ending.mp3",
        ".hidden, .hidden.mp3",
    })
    void a_video_becomes_an_mp3_of_its_name_in_the_current_directory(String video, String mp3)
            throws Refusal {
        assertThat(Arguments.parse(video))
                .isEqualTo(new Arguments.Convert(Path.of(video), Path.of(mp3)));
    }

    @Test
    void the_mp3_can_be_named_before_or_after_the_video() throws Refusal {
        Arguments named = new Arguments.Convert(Path.of("a.mp4"), Path.of("/tmp/b.mp3"));
        assertThat(Arguments.parse("a.mp4", "-o", "/tmp/b.mp3")).isEqualTo(named);
        assertThat(Arguments.parse("-o", "/tmp/b.mp3", "a.mp4")).isEqualTo(named);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--fast",
                "-x a.mp4",
                "a.mp4 b.mp4",
                "a.mp4 -o",
                "-o b.mp3",
                "a.mp4 -o b -o c"
            })
    void everything_else_is_wrong_usage(String line) {
        assertThatThrownBy(() -> Arguments.parse(line.split(" ")))
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.status).isEqualTo(2));
    }
}
