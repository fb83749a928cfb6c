package dev.tomp3.converter.tags;

import dev.tomp3.converter.sound.Measurement;
import dev.tomp3.jobs.Sound;
import dev.tomp3.jobs.media.Id3Frames;
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

/** The tag of an MP3. */
public final class Id3Tag {
    private static final int MAX_COVER = 1 << 20;
    private static final int TOP_LEVEL_AND_ORDERED = 3;

    /** Chapters begin at a time, and not at a byte. */
    private static final int NO_OFFSET = -1;

    private static final Pattern DATE = Pattern.compile("(\\d{4})(?:-(\\d\\d)-(\\d\\d))?.*");

    private final Id3Frames frames = new Id3Frames();

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
        return tag.frames.bytes();
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
                frame("TYER", Id3Frames.text(date.group(1)));
                if (date.group(2) != null)
                    frame("TDAT", Id3Frames.text(date.group(3) + date.group(2)));
            }
            case COMMENT, LYRICS -> frame(field.frame(), Id3Frames.text("eng", "", text));
            case DESCRIPTION -> frame(field.frame(), Id3Frames.text("", "description", text));
            default -> frame(field.frame(), Id3Frames.text(text.replace('\n', ' ')));
        }
    }

    private void addReplayGain(Measurement loudness) {
        String gain = String.format(Locale.ROOT, "%+.2f dB", loudness.replayGain());
        String peak = String.format(Locale.ROOT, "%.6f", loudness.peak());
        frame("TXXX", Id3Frames.text("", "REPLAYGAIN_TRACK_GAIN", gain));
        frame("TXXX", Id3Frames.text("", "REPLAYGAIN_TRACK_PEAK", peak));
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
            byte[] title = Id3Frames.utf16(chapters.get(i).title());
            ByteBuffer times = ByteBuffer.allocate(4 * Integer.BYTES);
            times.putInt((int) chapters.get(i).startMs()).putInt((int) end);
            times.putInt(NO_OFFSET).putInt(NO_OFFSET);
            ByteArrayOutputStream chapter = new ByteArrayOutputStream();
            chapter.writeBytes(identifier("chp" + i));
            chapter.writeBytes(times.array());
            chapter.writeBytes(Id3Frames.frame("TIT2", title));
            frame("CHAP", chapter.toByteArray());
        }
    }

    private static byte[] identifier(String name) {
        return (name + "\0").getBytes(StandardCharsets.US_ASCII);
    }

    private void addCover(byte[] file) {
        byte[] picture = CoverPicture.of(file);
        if (picture == null) return;
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.write(0);
        content.writeBytes(CoverPicture.type(picture).getBytes(StandardCharsets.ISO_8859_1));
        content.writeBytes(new byte[] {0, 3, 0}); // the front cover, without a description
        content.writeBytes(picture);
        frame("APIC", content.toByteArray());
    }

    private void frame(String id, byte[] content) {
        frames.add(id, content);
    }
}
