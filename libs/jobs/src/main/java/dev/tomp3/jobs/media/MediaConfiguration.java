package dev.tomp3.jobs.media;

import dev.tomp3.platform.InvalidConfiguration;
import dev.tomp3.platform.NanoClock;
import java.nio.file.Path;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.mongodb.MongoDatabaseFactory;
import org.springframework.util.unit.DataSize;

/** The media store, for every service that reads or writes media. */
@Configuration(proxyBeanMethods = false)
public class MediaConfiguration {
    private static final String FILES = "files:";

    /** Smaller chunks cost more than their bytes, and a document has at most 16 MB. */
    private static final long MIN_CHUNK = 64 << 10;

    private static final long MAX_CHUNK = 8 << 20;

    @Bean
    MediaStore mediaStore(
            @Value("${tomp3.media.store}") String store,
            @Value("${tomp3.media.gridfs-chunk}") DataSize chunk,
            MongoDatabaseFactory mongo,
            ObjectProvider<HeapBudget> heap,
            Clock clock,
            NanoClock nanoClock) {
        long chunkSize = chunk.toBytes();
        if (chunkSize < MIN_CHUNK || chunkSize > MAX_CHUNK)
            throw new InvalidConfiguration("GRIDFS_CHUNK is not between 64KB and 8MB: " + chunk);
        if (store.equals("gridfs")) {
            return new GridFsStore(
                    mongo.getMongoDatabase(),
                    Math.toIntExact(chunkSize),
                    heap.getIfAvailable(HeapBudget::unlimited),
                    clock,
                    nanoClock);
        }
        if (store.startsWith(FILES) && store.length() > FILES.length()) {
            return new FileStore(Path.of(store.substring(FILES.length())).toAbsolutePath());
        }
        throw new InvalidConfiguration("MEDIA_STORE is gridfs or files:PATH, not " + store);
    }

    @Bean
    MediaStoreDependency mediaStoreDependency(MediaStore media, NanoClock clock) {
        return new MediaStoreDependency(media, clock);
    }
}
