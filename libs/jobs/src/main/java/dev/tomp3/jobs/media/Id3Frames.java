package dev.tomp3.jobs.media;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The frames of an ID3v2.3 tag, which more players read than 2.4. Text is ASCII or UTF-16, since
 * players differ in what they take ISO-8859-1 for.
 */
public final class Id3Frames {
    /** The length of the header of a tag, and of that of a frame. */
    public static final int HEADER = 10;

    private static final int UTF_16 = 1;

    /** Some players fail to show a cover at the very end of a tag. */
    private static final int PADDING = 10;

    private static final class Frame {
        private final String id;
        private final byte[] content;

        Frame(String id, byte[] content) {
            this.id = id;
            this.content = content;
        }
    }

    private final List<Frame> frames = new ArrayList<>();

    /**
     * The length of the tag that begins with this header.
     *
     * @return 0 when it is not the header of a tag of version 2.3
     */
    public static int length(byte[] header) {
        if (header.length < HEADER
                || header[0] != 'I'
                || header[1] != 'D'
                || header[2] != '3'
                || header[3] != 3) return 0;
        int size = 0;
        for (int i = 6; i < HEADER; i++) size = size << 7 | (header[i] & 0x7F);
        return HEADER + size;
    }

    /** The frames of a tag as {@link #bytes()} writes it. */
    public static Id3Frames read(byte[] tag) {
        Id3Frames read = new Id3Frames();
        ByteBuffer in = ByteBuffer.wrap(tag);
        in.position(Math.min(HEADER, tag.length));
        while (in.remaining() >= HEADER && in.get(in.position()) != 0) {
            byte[] id = new byte[4];
            in.get(id);
            int size = in.getInt();
            in.getShort();
            if (size < 0 || size > in.remaining()) break;
            byte[] content = new byte[size];
            in.get(content);
            read.add(new String(id, StandardCharsets.ISO_8859_1), content);
        }
        return read;
    }

    /** Appends a frame. */
    public void add(String id, byte[] content) {
        frames.add(new Frame(id, content));
    }

    /** Puts a frame before all others. */
    public void addFirst(String id, byte[] content) {
        frames.addFirst(new Frame(id, content));
    }

    /** Removes all frames whose ids match. */
    public void remove(Predicate<String> ids) {
        frames.removeIf(frame -> ids.test(frame.id));
    }

    /** A frame with its header. */
    public static byte[] frame(String id, byte[] content) {
        return ByteBuffer.allocate(HEADER + content.length)
                .put(id.getBytes(StandardCharsets.ISO_8859_1))
                .putInt(content.length)
                .putShort((short) 0)
                .put(content)
                .array();
    }

    /** The content of a frame that is a text. */
    public static byte[] text(String text) {
        return text("", null, text);
    }

    /** The content of a frame that is a text behind its language and its description. */
    public static byte[] text(String language, @Nullable String description, String text) {
        boolean ascii = StandardCharsets.US_ASCII.newEncoder().canEncode(text);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.write(ascii ? 0 : UTF_16);
        content.writeBytes(language.getBytes(StandardCharsets.ISO_8859_1));
        if (description != null) {
            string(content, description, ascii);
            content.writeBytes(new byte[ascii ? 1 : 2]);
        }
        string(content, text, ascii);
        return content.toByteArray();
    }

    /** The content of a text frame, in UTF-16 also for ASCII. */
    public static byte[] utf16(String text) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.write(UTF_16);
        string(content, text, false);
        return content.toByteArray();
    }

    private static void string(ByteArrayOutputStream out, String text, boolean ascii) {
        if (ascii) {
            out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        } else {
            out.writeBytes(new byte[] {(byte) 0xFF, (byte) 0xFE});
            out.writeBytes(text.getBytes(StandardCharsets.UTF_16LE));
        }
    }

    /** The whole tag. */
    public byte[] bytes() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Frame frame : frames) all.writeBytes(frame(frame.id, frame.content));
        int size = all.size() + PADDING;
        ByteBuffer tag =
                ByteBuffer.allocate(HEADER + size).put(new byte[] {'I', 'D', '3', 3, 0, 0});
        for (int shift = 21; shift >= 0; shift -= 7) tag.put((byte) (size >> shift & 0x7F));
        return tag.put(all.toByteArray()).array();
    }
}
