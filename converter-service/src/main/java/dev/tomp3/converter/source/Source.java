package dev.tomp3.converter.source;

import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** The bytes of a video. */
public interface Source {
    /** Its length; the announced length of an upload that is not complete. */
    long bytes();

    /**
     * Opens it for reading; the stream ends where the complete video does.
     *
     * @param offset at most its length
     */
    InputStream open(long offset) throws IOException;

    /** Whether all bytes are there. */
    default boolean isComplete() {
        return true;
    }

    /** How long a reader has been waiting for the next byte of an upload; zero when none waits. */
    default Duration waitingForUpload() {
        return Duration.ZERO;
    }

    /** A complete video in the media store. */
    static Source stored(MediaStore store, String id, long length) {
        return new Source() {
            @Override
            public long bytes() {
                return length;
            }

            @Override
            public InputStream open(long offset) throws IOException {
                return store.open(Bucket.VIDEOS, id, offset);
            }
        };
    }
}
