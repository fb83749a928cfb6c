package dev.tomp3.converter.mp3;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Encodes one stream of decoded audio in segments, with several encoders at a time, into exactly
 * the frames that one encoder without a bit reservoir would make of it.
 *
 * <p>Without a reservoir a frame depends on the audio alone, but on more of it than its own: the
 * encoder's window reaches into the next frame, and its psychoacoustic model follows the loudness
 * of the last second. So each segment begins with warm-up frames and ends with a lookahead, and the
 * frames that come out for these are dropped. An encoder that pads some frames, as at 44.1 kHz,
 * repeats its pattern every 49 frames: segments begin at multiples of that.
 *
 * <p>The cut points depend on the audio alone, so that any number of encoders makes the same bytes.
 * At most two more segments than there are encoders lie on disk.
 */
public final class Segments implements AutoCloseable {
    private static final int BUFFER = 1 << 18;
    private static final Duration TIME_TO_END = Duration.ofSeconds(10);

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

    /** What is done to the audio before it is cut. */
    public interface Editor {
        /** Takes edited audio. */
        interface PcmSink {
            void write(byte[] pcm, int count) throws IOException, InterruptedException;
        }

        /**
         * Reads audio to its end, which continues what was taken before.
         *
         * @param last whether this is the end of the audio
         * @param out gets all audio that is to be encoded, before this returns true
         * @return whether no more audio is wanted
         */
        boolean take(InputStream pcm, boolean last, PcmSink out)
                throws IOException, InterruptedException;

        /** Samples per channel that were taken. */
        long taken();
    }

    private final Encoder encoder;
    private final Editor editor;
    private final EncoderPermits.OfJob permits;
    private final Path directory;
    private final SegmentFormat format;
    private final ExecutorService encoding = Executors.newVirtualThreadPerTaskExecutor();

    private volatile @Nullable SegmentCutter cutter;
    private final LongAdder encodedBytes = new LongAdder();
    private final LongAdder encodedFrames = new LongAdder();
    private volatile @Nullable Exception failure;

    private final Path joined;
    private final Map<Integer, short[]> outOfOrder = new HashMap<>();

    /** Of the frames in {@link #joined}, by segment. */
    private final List<short[]> lengths = new ArrayList<>();

    private final Crc16 crc = new Crc16();

    /**
     * Creates segments without audio.
     *
     * @param permits closed with this
     * @param directory where the files of segments go
     */
    public Segments(
            Encoder encoder,
            Editor editor,
            EncoderPermits.OfJob permits,
            Path directory,
            SegmentFormat format) {
        this.encoder = encoder;
        this.editor = editor;
        this.permits = permits;
        this.directory = directory;
        this.format = format;
        this.joined = directory.resolve("frames");
    }

    /** Microseconds of audio that were decoded so far. */
    public long decodedMicros() {
        return micros(editor.taken());
    }

    /** Microseconds of audio that are encoded, approximately. */
    public long encodedMicros() {
        return micros(encodedFrames.sum() * format.samplesPerFrame());
    }

    private long cutSamples() {
        SegmentCutter started = cutter;
        return started == null ? 0 : started.written() / format.bytesPerSample();
    }

    private long micros(long samples) {
        int rate = format.sampleRate();
        return samples / rate * 1_000_000 + samples % rate * 1_000_000 / rate;
    }

    /** Bytes of MP3 so far. */
    public long bytes() {
        return encodedBytes.sum();
    }

    /** Throws when there will be no result. */
    public void check() throws IOException {
        switch (failure) {
            case null -> {}
            case IOException e -> throw new IOException("The audio could not be cut or joined", e);
            case Exception e -> throw new IllegalStateException("The audio was not encoded", e);
        }
    }

    /**
     * Takes audio that continues what was taken before. Waits for encoder permits, so that the
     * decoder is slowed down to the encoders' pace.
     *
     * @param last whether this is the end of the audio
     */
    public void cut(InputStream pcm, boolean last) {
        boolean more = false;
        SegmentCutter started = cutter;
        try {
            if (started == null) {
                Files.deleteIfExists(joined); // of an earlier run in the same directory
                started = new SegmentCutter(format, segment -> file(segment, ".pcm"), this::encode);
                cutter = started;
            }
            more = !editor.take(pcm, last, started::write);
            if (!more) started.finish();
        } catch (IOException | InterruptedException e) {
            fail(e);
        } finally {
            if (!more) encoding.shutdown();
        }
    }

    /** Whether audio is still taken; if not, the encoding of the last segment has begun. */
    public boolean takesMore() {
        return !encoding.isShutdown();
    }

    /** Waits; true when all audio is encoded, or no more will be. */
    public boolean ended(Duration wait) throws InterruptedException {
        return encoding.awaitTermination(wait.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * Writes the MP3.
     *
     * @param head an MP3 of the same kind, for the tag and the Xing frame
     * @param variable whether the bit rate varies
     */
    public void join(Path head, Path result, boolean variable) throws IOException, MalformedMp3 {
        byte[] start;
        synchronized (this) {
            start = Mp3Head.read(head).of(variable, lengths, cutSamples(), crc.value());
        }
        try (OutputStream out = Files.newOutputStream(result);
                InputStream frames = Files.newInputStream(joined)) {
            out.write(start);
            frames.transferTo(out);
        }
        Files.delete(joined);
    }

    /** Stops all encoders, and returns when none is left. */
    @Override
    public void close() {
        permits.close();
        encoding.shutdownNow();
        boolean interrupted = Thread.interrupted();
        try {
            if (!encoding.awaitTermination(TIME_TO_END.toSeconds(), TimeUnit.SECONDS))
                throw new IllegalStateException("An encoder did not end");
            SegmentCutter started = cutter;
            if (started != null) started.close();
        } catch (InterruptedException e) {
            interrupted = true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (interrupted) Thread.currentThread().interrupt();
    }

    private void fail(Exception e) {
        synchronized (this) {
            if (failure == null) failure = e;
        }
        permits.close();
    }

    private Path file(int segment, String suffix) {
        return directory.resolve("segment-" + segment + suffix);
    }

    private void encode(int segment, boolean last) throws InterruptedException {
        if (!permits.acquire()) throw new InterruptedException();
        try {
            encoding.execute(() -> {
                try {
                    appendInOrder(segment, encoded(segment, last));
                } catch (IOException | InterruptedException | RuntimeException e) {
                    fail(e);
                } finally {
                    permits.release();
                }
            });
        } catch (RejectedExecutionException e) {
            permits.release();
            throw new InterruptedException("Stopped");
        }
    }

    private short[] encoded(int segment, boolean last) throws IOException, InterruptedException {
        int all = format.framesPerSegment() + SegmentFormat.WARM_UP_FRAMES;
        int drop = segment == 0 ? 0 : SegmentFormat.WARM_UP_FRAMES;
        int keep = last ? Integer.MAX_VALUE : all - drop;
        Path pcm = file(segment, ".pcm");
        SegmentFrames frames =
                new SegmentFrames(
                        file(segment, ".mp3"), drop, keep, all, encodedBytes, encodedFrames);
        int status = encoder.encode(pcm, frames::read);
        short[] written = frames.lengths(status);
        Files.delete(pcm);
        return written;
    }

    private synchronized void appendInOrder(int segment, short[] frames) throws IOException {
        outOfOrder.put(segment, frames);
        for (short[] next = outOfOrder.remove(lengths.size());
                next != null;
                next = outOfOrder.remove(lengths.size())) {
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
            lengths.add(next);
        }
    }
}
