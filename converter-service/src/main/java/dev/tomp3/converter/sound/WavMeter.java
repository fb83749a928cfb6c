package dev.tomp3.converter.sound;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** Measures sound that ffmpeg writes to a pipe as WAV, of which it knows nothing in advance. */
public final class WavMeter {
    private static final int FORMAT = 0x666D7420; // "fmt "
    private static final int DATA = 0x64617461; // "data"
    private static final int MAX_CHUNK = 1 << 16;
    private static final int SHORTEST_FORMAT = 16;

    private volatile @Nullable LoudnessMeter meter;
    private volatile int sampleRate = 1;

    /** Reads a stream to its end, also if it is not WAV: its writer is not to wait. */
    public void read(InputStream in) {
        try (DataInputStream wav = new DataInputStream(in)) {
            measure(wav);
            wav.transferTo(OutputStream.nullOutputStream());
        } catch (IOException | InterruptedException e) {
            // the pipe of a killed process closes while it is read
            if (e instanceof InterruptedException) Thread.currentThread().interrupt();
        }
    }

    private void measure(DataInputStream wav) throws IOException, InterruptedException {
        if (wav.readNBytes(12).length < 12) return;
        int channels = 0;
        while (true) {
            byte[] head = wav.readNBytes(8);
            if (head.length < 8) return;
            int name = ByteBuffer.wrap(head).getInt();
            int size = little(head).getInt(4);
            if (name == DATA) break;
            if (size < 0 || size > MAX_CHUNK) return;
            byte[] chunk = wav.readNBytes(size + (size & 1));
            if (name == FORMAT && chunk.length >= SHORTEST_FORMAT) {
                channels = little(chunk).getShort(2);
                sampleRate = Math.max(1, little(chunk).getInt(4));
            }
        }
        if (channels < 1) return;
        LoudnessMeter started = new LoudnessMeter(sampleRate, channels);
        meter = started;
        PcmBytes.read(wav, channels, started, (_, _) -> {});
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Microseconds of sound so far. */
    public long micros() {
        LoudnessMeter started = meter;
        return started == null ? 0 : started.frames() * 1_000_000 / sampleRate;
    }

    /** What was measured, after the stream has ended. */
    public Measurement measurement() {
        LoudnessMeter started = meter;
        return started == null ? new Measurement(null, 0) : started.measurement();
    }
}
