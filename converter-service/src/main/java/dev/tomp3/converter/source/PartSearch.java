package dev.tomp3.converter.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Watches the bytes of a source while they go to ffmpeg, and finds where another file begins, or
 * the audio continues in another way. A file that has one part is not read once more for that.
 *
 * <p>The parts leave out nothing of the audio that is followed, and have nothing of it twice: they
 * overlap only where a transport stream still sends the end of one track when it has announced the
 * next. Their number is bounded; the last one has the rest.
 */
public final class PartSearch {
    /** Enough to recognize a format. */
    private static final int START = 2048;

    private static final int BUFFER = 1 << 16;

    private final byte[] start = new byte[START];
    private long position;
    private @Nullable PartFinder finder;

    /** Takes bytes of the source; those that it has seen before are skipped. */
    synchronized void accept(long offset, byte[] bytes, int count) {
        if (offset > position || offset + count <= position) return;
        int from = (int) (position - offset);
        int fresh = count - from;
        if (position < START) {
            int head = (int) Math.min(START - position, fresh);
            System.arraycopy(bytes, from, start, (int) position, head);
            position += head;
            from += head;
            fresh -= head;
            if (position == START) recognize();
        }
        if (fresh == 0) return;
        if (finder != null) finder.accept(bytes, from, fresh);
        position += fresh;
    }

    private void recognize() {
        int length = (int) Math.min(position, START);
        finder = TransportStream.of(start, length);
        if (startsWith("\0\0\u0001\u00ba")) finder = new ProgramStream();
        if (startsWith("OggS")) finder = new OggChain();
        if (startsWith("\u001aE\u00df\u00a3")) finder = new JoinedMatroska();
        if (finder != null) finder.accept(start, 0, length);
    }

    private boolean startsWith(String magic) {
        return Arrays.equals(
                Arrays.copyOf(start, magic.length()), magic.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Reads what no one else has read of a format that can have parts. */
    public void complete(Source source) throws IOException {
        if (!mayHaveParts()) return;
        long from = position();
        try (InputStream in = source.open(from)) {
            byte[] buffer = new byte[BUFFER];
            for (int count; (count = in.read(buffer)) >= 0; from += count) {
                if (Thread.interrupted()) throw new InterruptedIOException();
                accept(from, buffer, count);
            }
        } catch (RuntimeException e) {
            // the store's driver throws unchecked exceptions
            throw new IOException("The media store failed", e);
        }
    }

    private synchronized boolean mayHaveParts() {
        return finder != null;
    }

    private synchronized long position() {
        return position;
    }

    /**
     * Returns the parts of what was seen so far; none when the format has no parts.
     *
     * @param track the stream id of the audio that is converted, or {@link Part#ANY_TRACK}
     */
    public synchronized List<Part> parts(int track) {
        return finder == null ? List.of() : finder.parts(track, position);
    }

    /** Whether all audio that was seen is scrambled. */
    public synchronized boolean isScrambled() {
        return finder != null && finder.isScrambled();
    }

    /** Whether audio that is clear elsewhere was scrambled for a while. */
    public synchronized boolean isPartlyScrambled() {
        return finder != null && finder.isPartlyScrambled();
    }
}
