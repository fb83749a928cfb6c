package dev.tomp3.jobs.media;

import java.nio.file.Path;

/** Media stores for suites of other packages. */
public final class Stores {
    private Stores() {}

    public static MediaStore files(Path root) {
        return new FileStore(root);
    }
}
