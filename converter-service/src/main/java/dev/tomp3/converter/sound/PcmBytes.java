package dev.tomp3.converter.sound;

import dev.tomp3.converter.mp3.Segments.Editor.PcmSink;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/** Sound as bytes: little-endian floats, as ffmpeg's f32le. */
final class PcmBytes {
    private static final int BLOCK = 1 << 16;

    private PcmBytes() {}

    /**
     * Reads a stream to its end; a frame that is not complete is filled with silence.
     *
     * @param copy gets the same bytes as they are
     */
    static void read(InputStream in, int channels, Samples sound, PcmSink copy)
            throws IOException, InterruptedException {
        int frame = channels * Float.BYTES;
        byte[] bytes = new byte[BLOCK];
        FloatBuffer view = floats(bytes);
        float[] block = new float[BLOCK / Float.BYTES];
        int held = 0;
        while (true) {
            int count = in.read(bytes, held, bytes.length - held);
            if (count < 0 && held == 0) return;
            int complete = count < 0 ? held + frame - held % frame : held + count;
            if (count < 0) for (int i = held; i < complete; i++) bytes[i] = 0;
            complete -= complete % frame;
            int floats = complete / Float.BYTES;
            view.get(0, block, 0, floats);
            if (floats > 0) copy.write(bytes, complete);
            if (floats > 0) sound.accept(block, floats);
            if (count < 0) return;
            held = held + count - complete;
            System.arraycopy(bytes, complete, bytes, 0, held);
        }
    }

    /** Passes sound on as bytes. */
    static Samples writing(PcmSink sink) {
        return new Samples() {
            private byte[] bytes = new byte[BLOCK];

            @Override
            public void accept(float[] sound, int count) throws IOException, InterruptedException {
                if (count * Float.BYTES > bytes.length) bytes = new byte[count * Float.BYTES];
                floats(bytes).put(0, sound, 0, count);
                sink.write(bytes, count * Float.BYTES);
            }

            @Override
            public void end() {}
        };
    }

    private static FloatBuffer floats(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    }
}
