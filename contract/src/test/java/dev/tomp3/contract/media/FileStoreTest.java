package dev.tomp3.contract.media;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tomp3.contract.media.MediaStore.Bucket;
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
