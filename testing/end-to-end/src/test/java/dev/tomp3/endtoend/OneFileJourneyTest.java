package dev.tomp3.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.converter.TestMedia;
import dev.tomp3.converter.TestMedia.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./run VIDEO}: one file the whole way, and nothing left behind. */
class OneFileJourneyTest {
    @TempDir Path directory;
    @TempDir Path temporary;
    private TestMedia media;

    @BeforeEach
    void prepare() throws IOException {
        media = TestMedia.in(Files.createDirectory(directory.resolve("media")));
    }

    @Test
    void a_video_becomes_an_mp3_of_its_name_in_this_directory() throws IOException {
        Path video = media.tone(Kind.MP4, 440, 3);
        var ended = run(video.toString());
        assertThat(ended.status()).as(ended.toString()).isZero();
        Path mp3 = directory.resolve("mp4-440.mp3");
        assertThat(ended.output()).last().asString().contains("mp4-440.mp3");
        MediaStoreSuite.assertTone(media.listen(mp3), 440, 3);
        assertNothingLeft();
    }

    @Test
    void what_fails_says_why_in_one_line_and_an_existing_mp3_survives() throws IOException {
        Path mine = Files.writeString(directory.resolve("mine.mp3"), "mine");
        Path text = media.text("text.mp4", "no video");
        for (Path video : List.of(text, directory.resolve("missing.mp4"))) {
            var ended = run(video.toString(), "-o", mine.toString());
            assertThat(ended.status()).isEqualTo(1);
            assertThat(ended.errors()).last().asString().startsWith("tomp3: ");
            assertThat(mine).hasContent("mine");
        }
        Path broken = media.truncated(media.tone(Kind.MP4, 440, 10), 0.5);
        var ended = run(broken.toString(), "-o", "never.mp3");
        assertThat(ended.status()).isEqualTo(1);
        assertThat(directory.resolve("never.mp3")).doesNotExist();
        assertNothingLeft();
    }

    @Test
    void a_wrong_command_line_is_told_from_a_failure() {
        assertThat(run("--no-such-option").status()).isEqualTo(2);
        assertThat(run("one.mp4", "two.mp4").status()).isEqualTo(2);
        assertThat(run("--help").status()).isZero();
    }

    private RunningSystem.Ended run(String... arguments) {
        return RunningSystem.run(
                directory, Map.of("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + temporary), arguments);
    }

    private void assertNothingLeft() throws IOException {
        try (Stream<Path> left = Files.list(temporary)) {
            assertThat(left.filter(path -> path.getFileName().toString().startsWith("tomp3")))
                    .isEmpty();
        }
    }
}
