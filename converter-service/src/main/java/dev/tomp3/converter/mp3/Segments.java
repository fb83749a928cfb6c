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
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Encodes one stream of decoded audio with several encoders at a time, into the very frames that
 * one encoder would make of it without a bit reservoir.
 *
 * <p>Without a reservoir a frame depends on the audio alone, but on more of it than its own: its
 * window reaches into the next frame, and the encoder follows the loudness of the last second. So
 * each piece begins {@link SegmentFormat#WARM_UP_FRAMES} frames early, ends {@link #LOOKAHEAD}
 * frames late, and what comes out for these is dropped. An encoder that pads some frames, as at
 * 44.1 kHz, repeats its pattern every 49 frames: pieces begin at multiples of that.
 *
 * <p>Where to cut depends on the audio alone, so that any number of encoders makes the same bytes.
 * At most as many pieces as encoders lie on disk, and two more.
 */
public final class Segments implements AutoCloseable {
    private static final int LOOKAHEAD = 2;
    private static final int BUFFER = 1 << 18;
    private static final Duration TO_END = Duration.ofSeconds(10);

    /** Encodes one segment. */
    public interface Encoder {
        /**
         * Returns when everything is encoded.
         *
         * @param pcm a file with the audio of one segment
         * @param frames reads the encoder's output to its end, in any thread
         * @return the encoder's exit status
         */
        int encode(Path pcm, Consumer<InputStream> frames) throws IOException, InterruptedException;
    }

    private final Encoder encoder;
    private final EncoderPermits.Share share;
    private final Path directory;
    private final int sampleRate;
    private final int samplesPerFrame;
    private final int framesPerPiece;
    private final int bytesPerSample;
    private final ExecutorService encoding = Executors.newVirtualThreadPerTaskExecutor();

    private volatile long cut;
    private final LongAdder encoded = new LongAdder();
    private final LongAdder encodedFrames = new LongAdder();
    private volatile @Nullable Exception failure;

    private final Path joined;
    private final Map<Integer, short[]> waiting = new HashMap<>();

    /** Of the frames that are joined, piece by piece. */
    private final List<short[]> lengths = new ArrayList<>();

    private final Mp3Head.Crc16 crc = new Mp3Head.Crc16();

    /**
     * @param share closed with this
     * @param directory where its files may lie
     */
    public Segments(
            Encoder encoder, EncoderPermits.Share share, Path directory, SegmentFormat pcm) {
        this.encoder = encoder;
        this.share = share;
        this.directory = directory;
        this.sampleRate = pcm.sampleRate();
        this.samplesPerFrame = pcm.samplesPerFrame();
        this.framesPerPiece = pcm.framesPerSegment();
        this.bytesPerSample = Float.BYTES * pcm.channels();
        this.joined = directory.resolve("frames");
    }

    /** How much audio came so far. */
    public long decodedMicros() {
        return micros(cut / bytesPerSample);
    }

    /** How much of it is encoded, more or less. */
    public long encodedMicros() {
        return micros(encodedFrames.sum() * samplesPerFrame);
    }

    private long micros(long samples) {
        return samples / sampleRate * 1_000_000 + samples % sampleRate * 1_000_000 / sampleRate;
    }

    /** Bytes that came out so far. */
    public long bytes() {
        return encoded.sum();
    }

    /** Fails when no result is to be expected any more. */
    public void check() throws IOException {
        switch (failure) {
            case null -> {}
            case IOException e -> throw new IOException("The audio could not be cut or joined", e);
            case Exception e -> throw new IllegalStateException("The audio was not encoded", e);
        }
    }

    /**
     * Takes the audio, and returns when its last piece is being encoded. Waits for encoders, and so
     * does then who decodes.
     */
    public void cut(InputStream pcm) {
        try (Cutter cutter = new Cutter()) {
            byte[] buffer = new byte[BUFFER];
            for (int count; (count = pcm.read(buffer)) >= 0; ) cutter.accept(buffer, count);
            cutter.end();
        } catch (IOException | InterruptedException e) {
            fail(e);
        } finally {
            encoding.shutdown();
        }
    }

    /** True when all of it is encoded, or nothing more will be. */
    public boolean ended(Duration wait) throws InterruptedException {
        return encoding.awaitTermination(wait.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * Writes the MP3.
     *
     * @param head an MP3 of the same kind, of which the tag and the Xing frame are taken
     * @param variable that the bit rate varies
     */
    public void join(Path head, Path result, boolean variable)
            throws IOException, Mp3File.Malformed {
        byte[] start;
        synchronized (this) {
            start = Mp3Head.read(head).of(variable, lengths, cut / bytesPerSample, crc.value());
        }
        try (OutputStream out = Files.newOutputStream(result);
                InputStream frames = Files.newInputStream(joined)) {
            out.write(start);
            frames.transferTo(out);
        }
        Files.delete(joined);
    }

    /** Ends what is at work, and returns when nothing is. */
    @Override
    public void close() {
        share.close();
        encoding.shutdownNow();
        boolean interrupted = Thread.interrupted();
        try {
            if (!encoding.awaitTermination(TO_END.toSeconds(), TimeUnit.SECONDS))
                throw new IllegalStateException("An encoder did not end");
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) Thread.currentThread().interrupt();
    }

    private void fail(Exception e) {
        synchronized (this) {
            if (failure == null) failure = e;
        }
        share.close();
    }

    private Path file(int number, String kind) {
        return directory.resolve("piece-" + number + kind);
    }

    private final class Cutter implements AutoCloseable {
        private final long frame = (long) samplesPerFrame * bytesPerSample;
        private int number;
        private long position;
        private OutputStream piece = open(0);
        private @Nullable OutputStream following;

        Cutter() throws IOException {
            // of an earlier try in the same attempt
            Files.deleteIfExists(joined);
        }

        private OutputStream open(int number) throws IOException {
            return Files.newOutputStream(file(number, ".pcm"));
        }

        void accept(byte[] pcm, int count) throws IOException, InterruptedException {
            for (int offset = 0; offset < count; ) {
                long nextBegins = (number + 1L) * framesPerPiece * frame;
                long ends = nextBegins + (SegmentFormat.WARM_UP_FRAMES + LOOKAHEAD) * frame;
                if (following == null && position == nextBegins) following = open(number + 1);
                long until = following == null ? nextBegins : ends;
                int part = (int) Math.min(count - offset, until - position);
                piece.write(pcm, offset, part);
                if (following != null) following.write(pcm, offset, part);
                offset += part;
                position += part;
                cut = position;
                if (position == ends) {
                    piece.close();
                    encode(number, false);
                    piece = Objects.requireNonNull(following);
                    following = null;
                    number++;
                }
            }
        }

        /** The piece under way is the last: the next would begin within what it ends with. */
        void end() throws IOException, InterruptedException {
            piece.close();
            if (position > 0) encode(number, true);
        }

        @Override
        public void close() throws IOException {
            piece.close();
            if (following != null) following.close();
        }
    }

    private void encode(int number, boolean last) throws InterruptedException {
        if (!share.take()) throw new InterruptedException();
        try {
            encoding.execute(() -> {
                try {
                    joinInOrder(number, encoded(number, last));
                } catch (IOException | InterruptedException | RuntimeException e) {
                    fail(e);
                } finally {
                    share.giveBack();
                }
            });
        } catch (RejectedExecutionException e) {
            share.giveBack();
            throw new InterruptedException("Stopped");
        }
    }

    private short[] encoded(int number, boolean last) throws IOException, InterruptedException {
        int drop = number == 0 ? 0 : SegmentFormat.WARM_UP_FRAMES;
        int keep = last ? Integer.MAX_VALUE : framesPerPiece + SegmentFormat.WARM_UP_FRAMES - drop;
        Path pcm = file(number, ".pcm");
        Frames frames = new Frames(file(number, ".mp3"), drop, keep);
        int status = encoder.encode(pcm, frames::read);
        frames.check();
        if (status != 0) throw new IllegalStateException("An encoder ended with " + status);
        Files.delete(pcm);
        return frames.kept();
    }

    /** The frames of one piece on their way from the encoder to a file. */
    private final class Frames {
        private final Path file;
        private final int drop;
        private final int keep;
        private short[] lengths = new short[framesPerPiece + SegmentFormat.WARM_UP_FRAMES];
        private int kept;
        private @Nullable Exception failure;

        Frames(Path file, int drop, int keep) {
            this.file = file;
            this.drop = drop;
            this.keep = keep;
        }

        void read(InputStream stream) {
            try (DataInputStream in =
                            new DataInputStream(new BufferedInputStream(stream, 1 << 16));
                    OutputStream out =
                            new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
                byte[] frame = new byte[Mp3File.LONGEST_FRAME];
                for (int n = 0; ; n++) {
                    in.mark(1);
                    if (in.read() < 0) break;
                    in.reset();
                    in.readFully(frame, 0, 4);
                    int length =
                            Mp3File.Header.of(ByteBuffer.wrap(frame).getInt(), encoded.sum())
                                    .length();
                    in.readFully(frame, 4, length - 4);
                    encoded.add(length);
                    encodedFrames.increment();
                    if (n < drop || kept == keep) continue;
                    out.write(frame, 0, length);
                    if (kept == lengths.length) lengths = Arrays.copyOf(lengths, 2 * kept);
                    lengths[kept++] = (short) length;
                }
            } catch (IOException | Mp3File.Malformed e) {
                failure = e;
            }
        }

        /** An encoder whose frames nobody takes any more fails, too; that is not the reason. */
        void check() throws IOException {
            if (failure instanceof Mp3File.Malformed e)
                throw new IllegalStateException("An encoder put out something else than MP3", e);
            if (failure != null) throw new IOException("The MP3 could not be written", failure);
        }

        short[] kept() {
            if (keep != Integer.MAX_VALUE && kept != keep)
                throw new IllegalStateException("An encoder put out too few frames: " + kept);
            return Arrays.copyOf(lengths, kept);
        }
    }

    private synchronized void joinInOrder(int number, short[] piece) throws IOException {
        waiting.put(number, piece);
        for (short[] head = waiting.remove(lengths.size());
                head != null;
                head = waiting.remove(lengths.size())) {
            Path file = file(lengths.size(), ".mp3");
            try (InputStream in = Files.newInputStream(file);
                    OutputStream out =
                            Files.newOutputStream(
                                    joined, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                byte[] buffer = new byte[BUFFER];
                for (int count; (count = in.read(buffer)) >= 0; ) {
                    crc.update(buffer, 0, count);
                    out.write(buffer, 0, count);
                }
            }
            Files.delete(file);
            lengths.add(head);
        }
    }
}
