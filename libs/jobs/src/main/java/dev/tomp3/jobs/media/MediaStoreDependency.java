package dev.tomp3.jobs.media;

import dev.tomp3.jobs.media.MediaStore.DiskSpace;
import dev.tomp3.platform.Dependency;
import dev.tomp3.platform.NanoClock;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.io.IOException;
import java.time.Duration;

/**
 * Prepares the media store, and reports its disk space as {@code media_store_free_bytes} and {@code
 * media_store_total_bytes}, as of the last successful probe.
 */
public final class MediaStoreDependency implements Dependency, MeterBinder {
    private static final Duration RECENT = Duration.ofSeconds(1);

    private final MediaStore media;
    private final NanoClock clock;
    private volatile DiskSpace disk = DiskSpace.UNKNOWN;
    private volatile long probed;

    MediaStoreDependency(MediaStore media, NanoClock clock) {
        this.media = media;
        this.clock = clock;
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
        DiskSpace _ = measure();
    }

    private DiskSpace measure() throws IOException {
        disk = DiskSpace.UNKNOWN; // until the store answers
        DiskSpace measured = media.diskSpace();
        disk = measured;
        probed = clock.nanoTime();
        return measured;
    }

    /** As of the last probe, some seconds ago; unknown when that failed. */
    public DiskSpace diskSpace() {
        return disk;
    }

    /** Not older than a second; unknown when the store does not answer, which may take a while. */
    public DiskSpace recentDiskSpace() {
        DiskSpace known = disk;
        boolean recent = !Double.isNaN(known.free()) && clock.since(probed).compareTo(RECENT) <= 0;
        return recent ? known : currentDiskSpace();
    }

    /** As of now; unknown when the store does not answer, which may take a while. */
    public DiskSpace currentDiskSpace() {
        try {
            return measure();
        } catch (IOException e) {
            return DiskSpace.UNKNOWN;
        }
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
