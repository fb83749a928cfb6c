package dev.tomp3.converter.mp3;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Cuts decoded audio into files, one for each segment. Each segment but the last overlaps the next
 * one by the warm-up frames of the next and its own lookahead.
 */
final class SegmentCutter implements AutoCloseable {
    /** An encoder's window reaches into the frame after the one that it encodes. */
    private static final int LOOKAHEAD_FRAMES = 2;

    /** Takes a segment whose file is complete. */
    interface Sink {
        void accept(int segment, boolean last) throws InterruptedException;
    }

    private final long frameBytes;
    private final long segmentFrames;
    private final IntFunction<Path> files;
    private final Sink sink;
    private int segment;
    private OutputStream current;
    private @Nullable OutputStream next;
    private long position;
    private volatile long written;

    SegmentCutter(SegmentFormat format, IntFunction<Path> files, Sink sink) throws IOException {
        this.frameBytes = (long) format.samplesPerFrame() * format.bytesPerSample();
        this.segmentFrames = format.framesPerSegment();
        this.files = files;
        this.sink = sink;
        this.current = open(0);
    }

    private OutputStream open(int number) throws IOException {
        return Files.newOutputStream(files.apply(number));
    }

    /** Bytes of audio so far. */
    long written() {
        return written;
    }

    /** Ends the last segment: the next one would begin within the end of the current one. */
    void finish() throws IOException, InterruptedException {
        current.close();
        if (position > 0) sink.accept(segment, true);
    }

    /** Cuts audio that continues what was cut before. */
    void write(byte[] pcm, int count) throws IOException, InterruptedException {
        for (int offset = 0; offset < count; ) {
            long nextBegins = (segment + 1L) * segmentFrames * frameBytes;
            long end = nextBegins + (SegmentFormat.WARM_UP_FRAMES + LOOKAHEAD_FRAMES) * frameBytes;
            if (next == null && position == nextBegins) next = open(segment + 1);
            long until = next == null ? nextBegins : end;
            int part = (int) Math.min(count - offset, until - position);
            current.write(pcm, offset, part);
            if (next != null) next.write(pcm, offset, part);
            offset += part;
            position += part;
            written = position;
            if (position == end) {
                current.close();
                sink.accept(segment, false);
                current = Objects.requireNonNull(next);
                next = null;
                segment++;
            }
        }
    }

    @Override
    public void close() throws IOException {
        current.close();
        if (next != null) next.close();
    }
}
