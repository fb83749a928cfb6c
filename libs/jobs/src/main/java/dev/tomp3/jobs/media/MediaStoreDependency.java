package dev.tomp3.jobs.media;

import dev.tomp3.jobs.media.MediaStore.DiskSpace;
import dev.tomp3.platform.Dependency;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.io.IOException;

/**
 * Prepares the media store, and reports its disk space as {@code media_store_free_bytes} and {@code
 * media_store_total_bytes}, as of the last successful probe.
 */
public final class MediaStoreDependency implements Dependency, MeterBinder {
    private final MediaStore media;
    private volatile DiskSpace disk = DiskSpace.UNKNOWN;

    MediaStoreDependency(MediaStore media) {
        this.media = media;
    }

    @Override
    public String name() {
        return "media";
    }

    @Override
    public void initialize() throws IOException, UnusableException {
        media.prepare();
        probe();
    }

    @Override
    public void probe() throws IOException {
        disk = DiskSpace.UNKNOWN; // until the store answers
        disk = media.diskSpace();
    }

    /** As of the last probe, some seconds ago; unknown when that failed. */
    public DiskSpace diskSpace() {
        return disk;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("media.store.free", () -> disk.free())
                .description("Free space on the disk of the media store")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("media.store.total", () -> disk.total())
                .description("Size of the disk of the media store")
                .baseUnit("bytes")
                .register(registry);
    }
}
