package dev.tomp3.converter.tags;

import dev.tomp3.converter.source.Source;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An ID3v2.3 tag, which more players read than 2.4. Text is ASCII or UTF-16, since players differ
 * in what they take ISO-8859-1 for.
 */
public final class Id3Tag {
    private static final int MAX_COVER = 1 << 20;
    private static final int HEADER = 10;

    /** Some players fail to show a cover at the very end of a tag. */
    private static final int PADDING = 10;

    private static final Pattern DATE = Pattern.compile("(\\d{4})(?:-(\\d\\d)-(\\d\\d))?.*");

    private final ByteArrayOutputStream frames = new ByteArrayOutputStream();

    private Id3Tag() {}

    /**
     * The tag for an MP3.
     *
     * @param metadata what ffmpeg wrote about the source, an ffmetadata file
     * @param apev2 a source that may have an APEv2 tag; null when none is looked for
     * @param title when the source has none
     * @param cover a picture that may not be there, or may be none
     */
    public static byte[] of(Path metadata, @Nullable Source apev2, String title, Path cover)
            throws IOException {
        Map<TagField, String> fields = new EnumMap<>(TagField.class);
        fields.putAll(SourceTags.read(metadata, apev2));
        fields.putIfAbsent(TagField.TITLE, title);
        Id3Tag tag = new Id3Tag();
        fields.forEach(tag::add);
        if (Files.exists(cover) && Files.size(cover) <= MAX_COVER)
            tag.addCover(Files.readAllBytes(cover));
        return tag.bytes();
    }

    /** Puts a tag in front of the frames of an MP3 that has none. */
    public static void insert(byte[] tag, Path mp3) throws IOException {
        try (FileChannel file =
                FileChannel.open(mp3, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
            // from its end, since it is moved within the file
            for (long end = file.size(); end > 0; end -= buffer.limit()) {
                buffer.clear().limit((int) Math.min(buffer.capacity(), end));
                long from = end - buffer.limit();
                while (buffer.hasRemaining() && file.read(buffer, from + buffer.position()) >= 0) {}
                write(file, buffer.flip(), from + tag.length);
            }
            write(file, ByteBuffer.wrap(tag), 0);
        }
    }

    private static void write(FileChannel file, ByteBuffer bytes, long at) throws IOException {
        while (bytes.hasRemaining()) file.write(bytes, at + bytes.position());
    }

    private void add(TagField field, String text) {
        switch (field) {
            case DATE -> {
                Matcher date = DATE.matcher(text);
                if (!date.matches()) return;
                frame("TYER", encoded(date.group(1)));
                if (date.group(2) != null) frame("TDAT", encoded(date.group(3) + date.group(2)));
            }
            case COMMENT, LYRICS -> frame(field.frame(), described("eng", "", text));
            case DESCRIPTION -> frame(field.frame(), described("", "description", text));
            default -> frame(field.frame(), encoded(text.replace('\n', ' ')));
        }
    }

    private void addCover(byte[] picture) {
        String type = pictureType(picture);
        if (type == null) return;
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.write(0);
        content.writeBytes(type.getBytes(StandardCharsets.ISO_8859_1));
        content.writeBytes(new byte[] {0, 3, 0}); // the front cover, without a description
        content.writeBytes(picture);
        frame("APIC", content.toByteArray());
    }

    /**
     * By its content, regardless of what the source calls it; null for what not every player shows.
     */
    private static @Nullable String pictureType(byte[] picture) {
        if (picture.length < 4) return null;
        int start = ByteBuffer.wrap(picture).getInt();
        if (start == 0x8950_4E47) return "image/png";
        return start >>> 8 == 0xFF_D8FF ? "image/jpeg" : null;
    }

    private void frame(String id, byte[] content) {
        frames.writeBytes(
                ByteBuffer.allocate(HEADER)
                        .put(id.getBytes(StandardCharsets.ISO_8859_1))
                        .putInt(content.length)
                        .array());
        frames.writeBytes(content);
    }

    private static boolean isAscii(String text) {
        return StandardCharsets.US_ASCII.newEncoder().canEncode(text);
    }

    private static byte[] encoded(String text) {
        return described("", null, text);
    }

    /** A text behind its language and its description, if it has them. */
    private static byte[] described(String language, @Nullable String description, String text) {
        boolean ascii = isAscii(text);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.write(ascii ? 0 : 1);
        content.writeBytes(language.getBytes(StandardCharsets.ISO_8859_1));
        if (description != null) {
            string(content, description, ascii);
            content.writeBytes(new byte[ascii ? 1 : 2]);
        }
        string(content, text, ascii);
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

    private byte[] bytes() {
        int size = frames.size() + PADDING;
        ByteBuffer tag =
                ByteBuffer.allocate(HEADER + size).put(new byte[] {'I', 'D', '3', 3, 0, 0});
        for (int shift = 21; shift >= 0; shift -= 7) tag.put((byte) (size >> shift & 0x7F));
        return tag.put(frames.toByteArray()).array();
    }
}
