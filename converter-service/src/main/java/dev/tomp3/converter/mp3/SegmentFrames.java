package dev.tomp3.converter.mp3;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Writes an encoder's frames to a file, without those that other segments have. */
final class SegmentFrames {
    private static final int BUFFER = 1 << 16;
    private static final int MAX_EXPECTED = 1 << 14;

    private final Path file;
    private final int drop;
    private final int keep;
    private final LongAdder bytes;
    private final LongAdder frames;
    private short[] lengths;
    private int kept;
    private @Nullable Exception failure;

    /**
     * Creates a writer for one segment.
     *
     * @param drop frames that are left out at the beginning
     * @param keep frames that are kept after those; all when it is {@code Integer.MAX_VALUE}
     * @param expected about how many frames come
     * @param bytes counts all frames' bytes
     * @param frames counts all frames
     */
    SegmentFrames(Path file, int drop, int keep, int expected, LongAdder bytes, LongAdder frames) {
        this.file = file;
        this.drop = drop;
        this.keep = keep;
        this.bytes = bytes;
        this.frames = frames;
        this.lengths = new short[Math.min(expected, MAX_EXPECTED)];
    }

    /** Reads an encoder's output to its end; {@link #lengths} tells of failures. */
    void read(InputStream stream) {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(stream, BUFFER));
                OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER)) {
            byte[] frame = new byte[FrameHeader.MAX_LENGTH];
            for (int n = 0; ; n++) {
                in.mark(1);
                if (in.read() < 0) break;
                in.reset();
                in.readFully(frame, 0, 4);
                int length = FrameHeader.of(ByteBuffer.wrap(frame).getInt(), bytes.sum()).length();
                in.readFully(frame, 4, length - 4);
                bytes.add(length);
                frames.increment();
                if (n < drop || kept == keep) continue;
                out.write(frame, 0, length);
                if (kept == lengths.length) lengths = Arrays.copyOf(lengths, 2 * kept);
                lengths[kept++] = (short) length;
            }
        } catch (IOException | MalformedMp3 e) {
            failure = e;
        }
    }

    /**
     * The lengths of the frames in the file.
     *
     * @param status the encoder's exit status. An encoder whose output is no longer read fails,
     *     too; that is not the cause
     */
    short[] lengths(int status) throws IOException {
        if (failure instanceof MalformedMp3 e)
            throw new IllegalStateException("An encoder wrote something other than MP3", e);
        if (failure != null) throw new IOException("The MP3 could not be written", failure);
        if (status != 0) throw new IllegalStateException("An encoder ended with " + status);
        if (keep != Integer.MAX_VALUE && kept != keep)
            throw new IllegalStateException("An encoder wrote too few frames: " + kept);
        return Arrays.copyOf(lengths, kept);
    }
}
