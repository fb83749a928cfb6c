package dev.tomp3.jobs.media;

import com.mongodb.client.MongoDatabase;
import java.nio.file.Path;
import java.time.Clock;

/** Media stores for suites of other packages. */
public final class Stores {
    private Stores() {}

    public static MediaStore files(Path root) {
        return new FileStore(root);
    }

    public static MediaStore gridFs(MongoDatabase database) {
        return new GridFsStore(
                database, 255 << 10, HeapBudget.unlimited(), Clock.systemUTC(), System::nanoTime);
    }
}
