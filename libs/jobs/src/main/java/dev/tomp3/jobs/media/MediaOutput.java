package dev.tomp3.jobs.media;

import java.io.IOException;
import java.io.OutputStream;

/**
 * A file that is being written. It is kept only after {@link #commit()}; {@link #close()} without a
 * commit leaves nothing behind.
 */
public abstract class MediaOutput extends OutputStream {
    /** Returns when every byte is as durable as the store can make it. */
    public abstract void commit() throws IOException;

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public abstract void write(byte[] bytes, int offset, int length) throws IOException;

    @Override
    public abstract void close() throws IOException;
}
