package dev.tomp3.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The disk counts as full or as empty by comparison with the reserve, so its size is varied. */
class DiskReserveTest {
    private static final long SMALL = 3 << 20;

    @TempDir Path directory;

    @Test
    void gives_its_space_to_a_full_disk_and_takes_it_again_from_one_that_has_space()
            throws IOException {
        Path file = directory.resolve("reserve");
        long free = Files.getFileStore(directory).getUsableSpace();
        DiskReserve small = new DiskReserve(directory, SMALL);

        small.check();
        assertThat(file).hasSize(SMALL);
        // the disk is neither full nor empty
        new DiskReserve(directory, free).check();
        assertThat(file).hasSize(SMALL);
        new DiskReserve(directory, 8 * free).check();
        assertThat(file).doesNotExist();
        new DiskReserve(directory, free).check();
        assertThat(file).doesNotExist();
        small.check();
        assertThat(file).hasSize(SMALL);
        assertThat(directory).isDirectoryNotContaining("glob:**.tmp");
    }
}
