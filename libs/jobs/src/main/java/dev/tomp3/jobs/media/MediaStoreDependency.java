package dev.tomp3.jobs.media;

import dev.tomp3.jobs.media.MediaStore.Room;
import dev.tomp3.platform.Dependency;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.io.IOException;

/**
 * Lays out the media store, and knows how much room it has: {@code media_store_free_bytes} and
 * {@code media_store_total_bytes}, as of its last sign of life.
 */
public final class MediaStoreDependency implements Dependency, MeterBinder {
    private final MediaStore media;
    private volatile Room room = Room.UNKNOWN;

    MediaStoreDependency(MediaStore media) {
        this.media = media;
    }

    @Override
    public String name() {
        return "media";
    }

    @Override
    public void initialize() throws IOException {
        media.check();
        probe();
    }

    @Override
    public void probe() throws IOException {
        room = Room.UNKNOWN; // until it answers
        room = media.room();
    }

    /** As of the last sign of life, some seconds ago; unknown when there was none. */
    public Room room() {
        return room;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("media.store.free", () -> room.free())
                .description("Room left on the disk of the media store")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("media.store.total", () -> room.total())
                .description("Size of the disk of the media store")
                .baseUnit("bytes")
                .register(registry);
    }
}
