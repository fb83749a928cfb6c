package dev.tomp3.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** A stream that breaks after some bytes. */
final class BrokenStream extends InputStream {
    private final byte[] bytes;
    private final Duration pause;
    private int position;

    BrokenStream(byte[] bytes, Duration pause) {
        this.bytes = bytes;
        this.pause = pause;
    }

    @Override
    public int read() throws IOException {
        if (position == bytes.length) throw new IOException("connection lost");
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return bytes[position++] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (pause.isPositive() || position == bytes.length) {
            into[offset] = (byte) read();
            return 1;
        }
        int part = Math.min(length, bytes.length - position);
        System.arraycopy(bytes, position, into, offset, part);
        position += part;
        return part;
    }
}
