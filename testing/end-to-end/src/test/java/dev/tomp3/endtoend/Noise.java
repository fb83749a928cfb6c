package dev.tomp3.endtoend;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** A small, valid WAV file that differs from all others. */
final class Noise {
    private static final int RATE = 8000;

    private Noise() {}

    /** One channel with 8 bits a sample. */
    static Path in(Path file, int seconds) throws IOException {
        byte[] samples = new byte[seconds * RATE];
        new Random(file.getFileName().hashCode()).nextBytes(samples);
        ByteBuffer wav = ByteBuffer.allocate(44 + samples.length).order(ByteOrder.LITTLE_ENDIAN);
        wav.put(ascii("RIFF")).putInt(36 + samples.length).put(ascii("WAVEfmt ")).putInt(16);
        wav.putShort((short) 1).putShort((short) 1).putInt(RATE).putInt(RATE);
        wav.putShort((short) 1).putShort((short) 8).put(ascii("data")).putInt(samples.length);
        return Files.write(file, wav.put(samples).array());
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
