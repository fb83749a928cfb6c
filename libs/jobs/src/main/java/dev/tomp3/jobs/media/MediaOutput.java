package dev.tomp3.jobs.media;

import java.io.IOException;
import java.io.OutputStream;

/**
 * A file that is being written. It is kept only after {@link #commit()}; {@link #close()} without a
 * commit leaves nothing behind of a file that {@link MediaStore#create} began. What {@link
 * MediaStore#append} has continued stays.
 */
public abstract class MediaOutput extends OutputStream {
    /** Returns when every byte is as durable as the store can make it. */
    public abstract void commit() throws IOException;

    /**
     * Returns when every byte that was written is as durable, and can be continued with {@link
     * MediaStore#append}. Nothing may be written afterwards.
     */
    public abstract void suspend() throws IOException;

    /** How many bytes of the file, from its start, are durable; may be called by any thread. */
    public abstract long safe();

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public abstract void write(byte[] bytes, int offset, int length) throws IOException;

    @Override
    public abstract void close() throws IOException;
}
