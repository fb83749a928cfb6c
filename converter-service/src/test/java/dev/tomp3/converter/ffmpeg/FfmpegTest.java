package dev.tomp3.converter.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

class FfmpegTest {
    private static final long MEMORY = 2L << 30;
    private static final Sandbox SANDBOX = Ffmpegs.NO_SANDBOX;

    @TempDir Path directory;

    private Path script(String text) throws IOException {
        Path script =
                Files.writeString(directory.resolve("my-ffmpeg"), "#!/bin/sh\n" + text + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return script;
    }

    @Test
    void takes_the_one_that_is_named() throws Exception {
        Path named = script("exec " + Ffmpegs.bundled().binary() + " \"$@\"");

        assertThat(Ffmpeg.find(named.toString(), directory, MEMORY, SANDBOX, false).binary())
                .isEqualTo(named);
    }

    static boolean hasFfmpeg() {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(entry -> Files.isExecutable(Path.of(entry, "ffmpeg")));
    }

    @Test
    @EnabledIf(value = "hasFfmpeg", disabledReason = "no ffmpeg is installed here")
    void takes_the_systems_before_the_bundled_one() throws Exception {
        assertThat(Ffmpeg.find("", directory, MEMORY, SANDBOX, true).binary().getParent())
                .isNotEqualTo(directory);
    }

    @Test
    void refuses_a_named_one_that_will_not_do() throws Exception {
        assertThatThrownBy(() -> Ffmpeg.find("/no/such/ffmpeg", directory, MEMORY, SANDBOX, false))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("FFMPEG=/no/such/ffmpeg");
        Path old = script("echo ffmpeg version 4.2.7-0ubuntu0.1 Copyright");
        assertThatThrownBy(() -> Ffmpeg.find(old.toString(), directory, MEMORY, SANDBOX, false))
                .hasMessageContaining("4.2.7-0ubuntu0.1, and 4.4 or later");
        Path bare = script("echo ffmpeg version 7.1 Copyright");
        assertThatThrownBy(() -> Ffmpeg.find(bare.toString(), directory, MEMORY, SANDBOX, false))
                .hasMessageContaining("7.1 without libmp3lame");
        Path other = script("echo hello");
        assertThatThrownBy(() -> Ffmpeg.find(other.toString(), directory, MEMORY, SANDBOX, false))
                .hasMessageContaining("not ffmpeg");
    }

    @Test
    void unpacks_the_bundled_one_where_nobody_else_may_write() throws Exception {
        Ffmpeg bundled = Ffmpeg.bundled(directory, MEMORY, SANDBOX);

        assertThat(bundled).isNotNull();
        assertThat(bundled.binary()).hasParent(directory);
        assertThat(Files.getPosixFilePermissions(bundled.binary()))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        assertThat(bundled.version()).startsWith("4.4");
    }

    @Test
    void takes_an_old_one_only_where_it_is_allowed() throws Exception {
        Ffmpeg bundled = Ffmpeg.bundled(directory, MEMORY, SANDBOX);
        assertThat(bundled).isNotNull();

        assertThat(Ffmpeg.lastResort(bundled, true)).isSameAs(bundled);
        assertThatThrownBy(() -> Ffmpeg.lastResort(bundled, false))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("Install ffmpeg", "BIND=127.0.0.1", "FFMPEG_OLD=allow");
        assertThatThrownBy(() -> Ffmpeg.lastResort(null, true))
                .hasMessageContaining("4.4 or later");
    }

    @Test
    @EnabledIf(
            value = "dev.tomp3.converter.ffmpeg.Ffmpegs#hasPrlimit",
            disabledReason = "without util-linux there are no limits, as the service warns")
    void the_kernel_holds_its_limits() throws Exception {
        Path seen = directory.resolve("limits");
        Path spy =
                script(
                        "case \"$1\" in probe) ulimit -a > "
                                + seen
                                + ";; *) exec "
                                + Ffmpegs.bundled().binary()
                                + " \"$@\";; esac");
        Ffmpeg ffmpeg = Ffmpeg.find(spy.toString(), directory, MEMORY, SANDBOX, false);

        try (FfmpegProcess process =
                ffmpeg.start(
                        List.of("probe"),
                        directory,
                        Reach.NOTHING,
                        Duration.ofSeconds(77),
                        1 << 20,
                        false,
                        FfmpegProcess.Output.lines(line -> {}),
                        FfmpegProcess.Output.lines(line -> {}))) {
            assertThat(process.ended(Duration.ofSeconds(20))).isTrue();
        }

        assertThat(seen)
                .content()
                .containsPattern("(?m)time.*seconds.* 77$")
                .containsPattern("(?m)^(vmemory|virtual memory).*kbytes.* " + MEMORY / 1024 + "$")
                .containsPattern("(?m)^file.*blocks.* (2048|1024)$");
    }
}
