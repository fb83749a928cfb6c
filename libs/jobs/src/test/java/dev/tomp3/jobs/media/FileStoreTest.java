package dev.tomp3.jobs.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tomp3.jobs.media.MediaStore.Bucket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStoreTest extends MediaStoreTest {
    @TempDir private Path root;

    @Override
    MediaStore store() {
        return new FileStore(root);
    }

    @Override
    MediaStore bigStore() {
        return store();
    }

    @Override
    long pieces(Bucket bucket) throws IOException {
        Path directory = root.resolve(bucket.name().toLowerCase(Locale.ROOT));
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).count();
        }
    }

    @Test
    void reports_the_space_of_its_disk() throws IOException {
        MediaStore.DiskSpace disk = store().diskSpace();
        assertThat(disk.total()).isEqualTo((double) root.toFile().getTotalSpace());
        assertThat(disk.free()).isBetween(0.0, disk.total());
        Files.delete(root);
        assertThatThrownBy(() -> store().diskSpace()).isInstanceOf(IOException.class);
    }

    @Test
    void refuses_ids_that_could_lead_elsewhere() {
        for (String id : List.of("..", "../../etc/passwd", "a/b", "", ".", "a\0b", "a".repeat(300)))
            assertThatThrownBy(
                            () -> {
                                try (MediaOutput out = store().create(Bucket.VIDEOS, id)) {
                                    out.commit();
                                }
                            })
                    .as(id)
                    .isInstanceOf(IllegalArgumentException.class);
    }
}
