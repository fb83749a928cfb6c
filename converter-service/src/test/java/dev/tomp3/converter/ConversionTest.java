package dev.tomp3.converter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tomp3.contract.job.Options;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ConversionTest {
    private static final Limits LIMITS =
            new Limits(
                    Duration.ofHours(12), 2L << 30, Duration.ofMinutes(2), Duration.ofSeconds(60));

    @TempDir Path directory;

    static Stream<Arguments> everyKind() {
        return Ffmpegs.all()
                .flatMap(ffmpeg ->
                        Arrays.stream(TestMedia.Kind.values())
                                .map(kind -> Arguments.of(ffmpeg, kind)));
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void converts_every_kind_of_file(Ffmpeg ffmpeg, TestMedia.Kind kind) throws Exception {
        TestMedia media = new TestMedia(directory, ffmpeg.binary());
        Path video = media.tone(kind, 440, 3);
        Duration decoded = media.listen(video).duration();

        Mp3 mp3 = convert(ffmpeg, video, Options.NONE);

        TestMedia.Heard heard = media.listen(mp3.path());
        assertThat(heard.codec()).isEqualTo("mp3");
        assertThat(heard.hertz()).isCloseTo(440, within(10));
        assertThat(heard.duration()).isCloseTo(decoded, Duration.ofMillis(50));
        assertThat(mp3.duration()).isCloseTo(decoded, Duration.ofMillis(50));
        assertThat(mp3.bytes()).isEqualTo(Files.size(mp3.path()));
        assertThat(heard.description())
                .contains(video.getFileName().toString().replaceAll("\\..*", ""));
    }

    private Mp3 convert(Ffmpeg ffmpeg, Path video, Options options) throws Exception {
        Path attempt = Files.createTempDirectory(directory, "attempt");
        return new Conversion(ffmpeg, LIMITS)
                .run(
                        new OneFile(video).source(),
                        video.getFileName().toString(),
                        options,
                        attempt,
                        percent -> {});
    }
}
