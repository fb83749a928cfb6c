package dev.tomp3.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.converter.TestMedia;
import dev.tomp3.converter.TestMedia.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./run VIDEO} converts one file and leaves nothing else behind. */
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
    void a_damaged_video_is_one_line_and_the_existing_mp3_is_kept() throws IOException {
        Path existing = Files.writeString(directory.resolve("existing.mp3"), "existing");
        Path damaged = media.truncated(media.tone(Kind.MP4_MOOV_LAST, 440, 10), 0.5);
        var ended = run(damaged.toString(), "-o", existing.toString());
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.errors())
                // JAVA_TOOL_OPTIONS makes the JVM write a line of its own
                .containsSubsequence("starting", "uploading")
                .last()
                .asString()
                .startsWith("tomp3: ");
        assertThat(ended.output()).isEmpty();
        assertThat(existing).hasContent("existing");
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files.map(path -> path.getFileName().toString()))
                    .doesNotContain("data")
                    .noneMatch(name -> name.startsWith(".tomp3"));
        }
        assertNothingLeft();
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
