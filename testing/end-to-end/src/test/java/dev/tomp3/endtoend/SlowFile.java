package dev.tomp3.endtoend;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Silence that is made at once and takes long to encode. */
final class SlowFile {
    private static final int RATE = 8000;

    /** With these it takes several times as long. */
    static final String[] OPTIONS = {"sample_rate=48000", "bitrate=320"};

    private SlowFile() {}

    /** A WAV of one channel with 8 bits a sample, most of it a hole in the file. */
    static Path in(Path directory, int minutes) throws IOException {
        Path file = directory.resolve("silence-" + minutes + ".wav");
        int samples = minutes * 60 * RATE;
        ByteBuffer header = ByteBuffer.allocate(44).order(ByteOrder.LITTLE_ENDIAN);
        header.put(ascii("RIFF")).putInt(36 + samples).put(ascii("WAVEfmt ")).putInt(16);
        header.putShort((short) 1).putShort((short) 1).putInt(RATE).putInt(RATE);
        header.putShort((short) 1).putShort((short) 8).put(ascii("data")).putInt(samples);
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.write(header.array());
            out.setLength(44L + samples);
        }
        return file;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
