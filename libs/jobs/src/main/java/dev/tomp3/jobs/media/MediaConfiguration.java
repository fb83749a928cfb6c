package dev.tomp3.jobs.media;

import dev.tomp3.platform.InvalidConfiguration;
import dev.tomp3.platform.NanoClock;
import java.nio.file.Path;
import java.time.Clock;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.mongodb.MongoDatabaseFactory;
import org.springframework.util.unit.DataSize;

/** The media store, for every service that reads or writes media. */
@Configuration(proxyBeanMethods = false)
public class MediaConfiguration {
    private static final String FILES = "files:";

    @Bean
    MediaStore mediaStore(
            @Value("${tomp3.media.store}") String store,
            @Value("${tomp3.media.gridfs-chunk}") DataSize chunk,
            MongoDatabaseFactory mongo,
            Clock clock,
            NanoClock nanoClock) {
        if (store.equals("gridfs")) {
            return new GridFsStore(
                    mongo.getMongoDatabase(), Math.toIntExact(chunk.toBytes()), clock, nanoClock);
        }
        if (store.startsWith(FILES) && store.length() > FILES.length()) {
            return new FileStore(Path.of(store.substring(FILES.length())).toAbsolutePath());
        }
        throw new InvalidConfiguration("MEDIA_STORE is gridfs or files:PATH, not " + store);
    }

    @Bean
    MediaStoreDependency mediaStoreDependency(MediaStore media) {
        return new MediaStoreDependency(media);
    }
}
