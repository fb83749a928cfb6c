package dev.tomp3.converter.mp3;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an MP3 file really holds: an ID3v2 tag, a Xing or Info frame, and Layer III frames without a
 * gap to the last byte. Every frame is read and counted, in a fixed amount of memory; nothing is
 * believed that only a header says, and nothing else is accepted. Frame headers as in ISO/IEC
 * 11172-3 and 13818-3; the encoder's delay and padding as LAME writes them.
 *
 * @param bytes of the whole file
 * @param tagBytes of the ID3v2 tag with its header
 * @param frames of audio, without the Xing or Info frame
 * @param samples per channel that a player gives: those of all frames less the encoder's delay and
 *     padding
 */
public record Mp3File(
        long bytes, long tagBytes, long frames, int sampleRate, int channels, long samples) {
    /** The file is not an MP3 as described. */
    public static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message);
        }
    }

    public static final int TAG_HEADER = 10;

    /** In bytes: 320 kbit/s at 32 kHz, or 160 at 8, padded. */
    public static final int LONGEST_FRAME = 1441;

    private static final int[] MPEG_1_BITRATES = {
        0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320
    };
    private static final int[] MPEG_2_BITRATES = {
        0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160
    };
    private static final int[] MPEG_1_RATES = {44_100, 48_000, 32_000};

    /** How long the audio sounds. */
    public Duration duration() {
        return durationOf(samples, sampleRate);
    }

    public static Duration durationOf(long samples, int sampleRate) {
        return Duration.ofSeconds(
                samples / sampleRate,
                Math.round(samples % sampleRate * 1_000_000_000.0 / sampleRate));
    }

    public static Mp3File read(Path path) throws IOException, Malformed {
        long bytes = Files.size(path);
        try (InputStream file = Files.newInputStream(path);
                DataInputStream in = new DataInputStream(new BufferedInputStream(file, 1 << 16))) {
            return read(in, bytes);
        } catch (EOFException e) {
            throw new Malformed("it ends within a frame or tag");
        }
    }

    /**
     * The size of an ID3v2 tag with its header, from the file's first ten bytes; 0 when they begin
     * no tag.
     */
    public static long tagBytes(byte[] head) {
        if (head[0] != 'I' || head[1] != 'D' || head[2] != '3') return 0;
        long size = 0;
        for (int i = 6; i < TAG_HEADER; i++) size = size << 7 | (head[i] & 0x7F);
        return TAG_HEADER + size;
    }

    private static Mp3File read(DataInputStream in, long bytes) throws IOException, Malformed {
        in.mark(TAG_HEADER);
        byte[] head = new byte[TAG_HEADER];
        in.readFully(head);
        long tag = tagBytes(head);
        if (tag == 0) in.reset();
        else in.skipNBytes(tag - TAG_HEADER);

        long position = tag;
        long frames = 0;
        long samples = 0;
        @Nullable Header first = null;
        @Nullable Xing xing = null;
        while (position < bytes) {
            Header header = Header.of(in.readInt(), position);
            if (first == null) {
                first = header;
                byte[] body = new byte[header.length() - 4];
                in.readFully(body);
                xing = Xing.of(body, header);
            } else {
                if (header.sampleRate() != first.sampleRate())
                    throw new Malformed("its sample rate changes");
                in.skipNBytes(header.length() - 4);
            }
            if (xing == null || position > tag) {
                frames++;
                samples += header.samples();
            }
            position += header.length();
        }
        if (first == null) throw new Malformed("it has no frame");
        if (xing == null) throw new Malformed("it has no Xing or Info frame");
        if (xing.frames() != frames) {
            throw new Malformed(
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

    /** A frame's header. */
    public record Header(boolean mpeg1, int sampleRate, int channels, int length, boolean checked) {
        int samples() {
            return mpeg1 ? 1152 : 576;
        }

        static Header of(int bits, long position) throws Malformed {
            int version = bits >>> 19 & 3; // 3 is MPEG-1, 2 is MPEG-2, 0 is MPEG-2.5
            int layer = bits >>> 17 & 3; // 1 is Layer III
            int bitrate = bits >>> 12 & 15;
            int rate = bits >>> 10 & 3;
            if (bits >>> 21 != 0x7FF
                    || version == 1
                    || layer != 1
                    || bitrate == 0
                    || bitrate == 15
                    || rate == 3) {
                throw new Malformed("there is no frame at byte " + position);
            }
            boolean mpeg1 = version == 3;
            int sampleRate = MPEG_1_RATES[rate] >> (mpeg1 ? 0 : version == 2 ? 1 : 2);
            int kilobits = (mpeg1 ? MPEG_1_BITRATES : MPEG_2_BITRATES)[bitrate];
            int length = (mpeg1 ? 144_000 : 72_000) * kilobits / sampleRate + (bits >>> 9 & 1);
            return new Header(
                    mpeg1,
                    sampleRate,
                    (bits >>> 6 & 3) == 3 ? 1 : 2,
                    length,
                    (bits >>> 16 & 1) == 0);
        }

        int sideInfo() {
            return mpeg1 ? (channels == 1 ? 17 : 32) : (channels == 1 ? 9 : 17);
        }
    }

    private record Xing(long frames, int delay, int padding) {
        static @Nullable Xing of(byte[] body, Header header) throws Malformed {
            int at = header.sideInfo() + (header.checked() ? 2 : 0);
            if (body.length < at + 8) return null;
            String name = new String(body, at, 4, StandardCharsets.ISO_8859_1);
            if (!name.equals("Xing") && !name.equals("Info")) return null;
            int flags = integer(body, at + 4);
            at += 8;
            if ((flags & 1) == 0 || body.length < at + 4)
                throw new Malformed("its header does not count the frames");
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
