package dev.tomp3.converter.mp3;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A measured MP3 file: an ID3v2 tag, a Xing or Info frame, and Layer III frames without a gap up to
 * the last byte. Every frame is read and counted, in constant memory, so that no number depends on
 * what a header declares. The encoder's delay and padding are read as LAME writes them.
 *
 * @param bytes of the whole file
 * @param tagBytes of the ID3v2 tag with its header
 * @param frames of audio, without the Xing or Info frame
 * @param samples per channel that a player gives: those of all frames less the encoder's delay and
 *     padding
 */
public record Mp3File(
        long bytes, long tagBytes, long frames, int sampleRate, int channels, long samples) {
    static final int TAG_HEADER = 10;

    /** The playing time. */
    public Duration duration() {
        return durationOf(samples, sampleRate);
    }

    /** The playing time of this many samples per channel. */
    public static Duration durationOf(long samples, int sampleRate) {
        return Duration.ofSeconds(
                samples / sampleRate,
                Math.round(samples % sampleRate * 1_000_000_000.0 / sampleRate));
    }

    /** Reads and measures a whole file. */
    public static Mp3File read(Path path) throws IOException, MalformedMp3 {
        long bytes = Files.size(path);
        try (InputStream file = Files.newInputStream(path);
                DataInputStream in = new DataInputStream(new BufferedInputStream(file, 1 << 16))) {
            return read(in, bytes);
        } catch (EOFException e) {
            throw new MalformedMp3("it ends within a frame or tag");
        }
    }

    /**
     * The size of a file's ID3v2 tag with its header; 0 when the file has none, or is not there.
     */
    public static long tagBytes(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] head = in.readNBytes(TAG_HEADER);
            return head.length < TAG_HEADER ? 0 : tagBytes(head);
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    /**
     * The size of an ID3v2 tag with its header, from a file's first ten bytes; 0 when they are not
     * the beginning of a tag.
     */
    static long tagBytes(byte[] head) {
        if (head[0] != 'I' || head[1] != 'D' || head[2] != '3') return 0;
        long size = 0;
        for (int i = 6; i < TAG_HEADER; i++) size = size << 7 | (head[i] & 0x7F);
        return TAG_HEADER + size;
    }

    private static Mp3File read(DataInputStream in, long bytes) throws IOException, MalformedMp3 {
        in.mark(TAG_HEADER);
        byte[] head = new byte[TAG_HEADER];
        in.readFully(head);
        long tag = tagBytes(head);
        if (tag == 0) in.reset();
        else in.skipNBytes(tag - TAG_HEADER);

        long position = tag;
        long frames = 0;
        long samples = 0;
        @Nullable FrameHeader first = null;
        @Nullable Xing xing = null;
        while (position < bytes) {
            FrameHeader header = FrameHeader.of(in.readInt(), position);
            if (first == null) {
                first = header;
                byte[] body = new byte[header.length() - 4];
                in.readFully(body);
                xing = Xing.of(body, header);
            } else {
                if (header.sampleRate() != first.sampleRate())
                    throw new MalformedMp3("its sample rate changes");
                in.skipNBytes(header.length() - 4);
            }
            if (xing == null || position > tag) {
                frames++;
                samples += header.samples();
            }
            position += header.length();
        }
        if (first == null) throw new MalformedMp3("it has no frame");
        if (xing == null) throw new MalformedMp3("it has no Xing or Info frame");
        if (xing.frames() != frames) {
            throw new MalformedMp3(
                    "its header counts %d frames, there are %d".formatted(xing.frames(), frames));
        }
        return new Mp3File(
                bytes,
                tag,
                frames,
                first.sampleRate(),
                first.channels(),
                Math.max(0, samples - xing.delay() - xing.padding()));
    }

    private record Xing(long frames, int delay, int padding) {
        static @Nullable Xing of(byte[] body, FrameHeader header) throws MalformedMp3 {
            int at = header.sideInfo() + (header.checked() ? 2 : 0);
            if (body.length < at + 8) return null;
            String name = new String(body, at, 4, StandardCharsets.ISO_8859_1);
            if (!name.equals("Xing") && !name.equals("Info")) return null;
            int flags = integer(body, at + 4);
            at += 8;
            if ((flags & 1) == 0 || body.length < at + 4)
                throw new MalformedMp3("its header does not count the frames");
            long frames = Integer.toUnsignedLong(integer(body, at));
            at +=
                    4
                            + ((flags & 2) == 0 ? 0 : 4)
                            + ((flags & 4) == 0 ? 0 : 100)
                            + ((flags & 8) == 0 ? 0 : 4);
            int gap = at + 21; // the encoder's name and settings come first
            if (body.length < gap + 3) return new Xing(frames, 0, 0);
            int both =
                    (body[gap] & 0xFF) << 16 | (body[gap + 1] & 0xFF) << 8 | (body[gap + 2] & 0xFF);
            return new Xing(frames, both >>> 12, both & 0xFFF);
        }

        private static int integer(byte[] bytes, int at) {
            return bytes[at] << 24
                    | (bytes[at + 1] & 0xFF) << 16
                    | (bytes[at + 2] & 0xFF) << 8
                    | (bytes[at + 3] & 0xFF);
        }
    }
}
