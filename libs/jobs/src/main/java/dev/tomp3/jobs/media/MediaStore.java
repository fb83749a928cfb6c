package dev.tomp3.jobs.media;

import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;

/**
 * Where media lie: a stream is written under an id, read from any offset, and deleted. Nothing is
 * ever whole in memory.
 *
 * <p>A file is named in a job before its first byte is written, so that whatever a dying process
 * leaves behind can be told from what somebody needs. An {@link IOException} means that the store
 * could not be reached or has no room; it is never about the file, except for {@link
 * java.nio.file.NoSuchFileException}.
 */
public interface MediaStore {
    /** What is uploaded, and what is made of it. */
    enum Bucket {
        VIDEOS,
        MP3S
    }

    /**
     * Begins a file. It is kept only if {@link MediaOutput#commit()} returned; closing without it
     * deletes what was written.
     *
     * @param id letters, digits and hyphens; new, as files never change
     */
    MediaOutput create(Bucket bucket, String id) throws IOException;

    /**
     * Opens a file for reading.
     *
     * @param offset in bytes from the start, at most the file's length
     * @throws java.nio.file.NoSuchFileException when there is none of that id
     */
    InputStream open(Bucket bucket, String id, long offset) throws IOException;

    /**
     * Opens a file that is being written. Where its end is by now, the stream says -1, and more
     * when it is asked again later; it may be behind what was written.
     *
     * @param offset in bytes from the start, at most what is there by now
     * @throws java.nio.file.NoSuchFileException when there is none of that id
     */
    InputStream openUnfinished(Bucket bucket, String id, long offset) throws IOException;

    /** Deletes a file, whole or half written; does nothing when there is none. */
    void delete(Bucket bucket, String id) throws IOException;

    /** Passes on the id of every file, whole or half written, one at a time. */
    void forEachId(Bucket bucket, Consumer<String> action) throws IOException;

    /** Fails when the store cannot be reached. */
    void check() throws IOException;

    /**
     * The disk that the store lies on.
     *
     * @param free bytes that can still be written; NaN where the store does not tell
     * @param total bytes altogether; NaN where the store does not tell
     */
    record Room(double free, double total) {
        static final Room UNKNOWN = new Room(Double.NaN, Double.NaN);
    }

    /** How much room there is; fails when the store cannot be reached. */
    Room room() throws IOException;
}
