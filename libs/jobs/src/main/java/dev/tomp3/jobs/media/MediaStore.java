package dev.tomp3.jobs.media;

import dev.tomp3.platform.Dependency.UnusableException;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;

/**
 * Where media are stored: a file is written as a stream, read from any offset, and deleted. No file
 * is ever complete in memory.
 *
 * <p>A job names a file before its first byte is written, so that files that a crashed process
 * leaves behind can be told from those that are needed. An {@link IOException} means that the store
 * cannot be reached or has no room. It never says anything about the file, except for {@link
 * java.nio.file.NoSuchFileException}.
 */
public interface MediaStore {
    /** Uploaded videos, and the MP3s made of them. */
    enum Bucket {
        VIDEOS,
        MP3S
    }

    /**
     * Begins a file. It is kept only if {@link MediaOutput#commit()} returned; closing it without a
     * commit deletes what was written.
     *
     * @param id letters, digits and hyphens; never used before, as files do not change
     */
    MediaOutput create(Bucket bucket, String id) throws IOException;

    /**
     * Continues an incomplete file, or begins one at offset 0. Closing it without a commit keeps
     * what was written.
     *
     * @param offset in bytes from the start: what is before it is kept, and was {@link
     *     MediaOutput#safe()} in an earlier output
     * @param writer a number that grows with each output of this file: nothing that an earlier one
     *     is still writing replaces what this one writes
     * @throws java.nio.file.NoSuchFileException when less than that is stored
     */
    MediaOutput append(Bucket bucket, String id, long offset, long writer) throws IOException;

    /**
     * Deletes what an output that was not suspended may have written of an incomplete file, except
     * for the bytes before this offset.
     */
    void truncate(Bucket bucket, String id, long offset) throws IOException;

    /**
     * Opens a file for reading.
     *
     * @param offset in bytes from the start, at most the file's length
     * @throws java.nio.file.NoSuchFileException when there is none of that id
     */
    InputStream open(Bucket bucket, String id, long offset) throws IOException;

    /**
     * Opens a file that is being written. The stream returns -1 where the file ends by now, and
     * more when it is read again later. It may lag behind what was written.
     *
     * @param offset in bytes from the start, at most what is stored by now
     * @throws java.nio.file.NoSuchFileException when there is none of that id
     */
    InputStream openInProgress(Bucket bucket, String id, long offset) throws IOException;

    /** Deletes a file, complete or not; does nothing when there is none. */
    void delete(Bucket bucket, String id) throws IOException;

    /** Calls the action for each file, complete or not. */
    void forEachId(Bucket bucket, Consumer<String> action) throws IOException;

    /**
     * Calls the action for each file of which no more than pieces are stored, so that {@link
     * #forEachId} does not know it. This reads the keys of all pieces. A store without pieces has
     * no such files.
     */
    default void forEachStray(Bucket bucket, Consumer<String> action) throws IOException {}

    /**
     * Creates what the store needs, such as indexes; fails when the store cannot be reached.
     *
     * @throws UnusableException when an operator must act
     */
    void prepare() throws IOException, UnusableException;

    /**
     * The disk of the store.
     *
     * @param free bytes that can still be written, in the file system or in place of deleted files;
     *     NaN when unknown
     * @param total size in bytes; NaN when unknown
     */
    record DiskSpace(double free, double total) {
        static final DiskSpace UNKNOWN = new DiskSpace(Double.NaN, Double.NaN);
    }

    /** Asks for the disk space; fails when the store cannot be reached. */
    DiskSpace diskSpace() throws IOException;
}
