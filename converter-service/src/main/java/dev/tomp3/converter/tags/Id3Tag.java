package dev.tomp3.converter.tags;

import dev.tomp3.converter.sound.Measurement;
import dev.tomp3.jobs.Sound;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
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
    private static final int UTF_16 = 1;
    private static final int TOP_LEVEL_AND_ORDERED = 3;

    /** Chapters begin at a time, and not at a byte. */
    private static final int NO_OFFSET = -1;

    /** Some players fail to show a cover at the very end of a tag. */
    private static final int PADDING = 10;

    private static final Pattern DATE = Pattern.compile("(\\d{4})(?:-(\\d\\d)-(\\d\\d))?.*");

    private final ByteArrayOutputStream frames = new ByteArrayOutputStream();

    private Id3Tag() {}

    /**
     * The tag for an MP3.
     *
     * @param loudness of the sound behind the tag, for players that adjust it (ReplayGain 2.0)
     * @param cover a picture that may not be there, or may be none
     */
    public static byte[] of(Description description, Measurement loudness, Path cover)
            throws IOException {
        Id3Tag tag = new Id3Tag();
        description.fields().forEach(tag::add);
        tag.addReplayGain(loudness);
        tag.addChapters(description.chapters(), description.length());
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

    private void addReplayGain(Measurement loudness) {
        String gain = String.format(Locale.ROOT, "%+.2f dB", loudness.replayGain());
        String peak = String.format(Locale.ROOT, "%.6f", loudness.peak());
        frame("TXXX", described("", "REPLAYGAIN_TRACK_GAIN", gain));
        frame("TXXX", described("", "REPLAYGAIN_TRACK_PEAK", peak));
    }

    /** As the addendum "ID3v2 Chapter Frame" has them: a table of contents, and the chapters. */
    private void addChapters(List<Sound.Chapter> chapters, Duration length) {
        if (chapters.isEmpty()) return;
        ByteArrayOutputStream table = new ByteArrayOutputStream();
        table.writeBytes(identifier("toc"));
        table.write(TOP_LEVEL_AND_ORDERED);
        table.write(chapters.size());
        for (int i = 0; i < chapters.size(); i++) table.writeBytes(identifier("chp" + i));
        frame("CTOC", table.toByteArray());
        for (int i = 0; i < chapters.size(); i++) {
            long end = i + 1 < chapters.size() ? chapters.get(i + 1).startMs() : length.toMillis();
            ByteArrayOutputStream title = new ByteArrayOutputStream();
            title.write(UTF_16);
            string(title, chapters.get(i).title(), false);
            ByteBuffer times = ByteBuffer.allocate(4 * Integer.BYTES);
            times.putInt((int) chapters.get(i).startMs()).putInt((int) end);
            times.putInt(NO_OFFSET).putInt(NO_OFFSET);
            ByteArrayOutputStream chapter = new ByteArrayOutputStream();
            chapter.writeBytes(identifier("chp" + i));
            chapter.writeBytes(times.array());
            chapter.writeBytes(frameOf("TIT2", title.toByteArray()));
            frame("CHAP", chapter.toByteArray());
        }
    }

    private static byte[] identifier(String name) {
        return (name + "\0").getBytes(StandardCharsets.US_ASCII);
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
        frames.writeBytes(frameOf(id, content));
    }

    private static byte[] frameOf(String id, byte[] content) {
        return ByteBuffer.allocate(HEADER + content.length)
                .put(id.getBytes(StandardCharsets.ISO_8859_1))
                .putInt(content.length)
                .putShort((short) 0)
                .put(content)
                .array();
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
