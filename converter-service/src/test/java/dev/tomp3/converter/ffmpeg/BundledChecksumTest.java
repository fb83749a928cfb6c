package dev.tomp3.converter.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundledChecksumTest {
    @TempDir Path directory;

    /** The size of a program in its place was all that was compared before. */
    @Test
    void only_the_program_that_this_one_was_made_with_is_run() throws Exception {
        Path bundled = Ffmpegs.bundled().binary();
        Path binary = Files.copy(bundled, directory.resolve(bundled.getFileName()));
        BundledChecksum.require(binary);
        try (RandomAccessFile file = new RandomAccessFile(binary.toFile(), "rw")) {
            file.seek(file.length() / 2);
            int before = file.read();
            file.seek(file.length() / 2);
            file.write(before ^ 1);
        }
        assertThatThrownBy(() -> BundledChecksum.require(binary))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("was deleted");
        assertThat(binary).doesNotExist();
    }

    @Test
    void a_program_of_an_unknown_platform_is_not_run() throws IOException {
        Path binary = Files.writeString(directory.resolve("ffmpeg-riscv64"), "binary");
        assertThatThrownBy(() -> BundledChecksum.require(binary))
                .isInstanceOf(IllegalStateException.class);
    }
}
