package dev.tomp3.converter.tags;

import dev.tomp3.converter.source.Source;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mozilla.universalchardet.UniversalDetector;

/**
 * The tags of a source that its MP3 keeps. Text that is not valid UTF-8 is decoded in the encoding
 * that is likely for all such text of the source together.
 */
public final class SourceTags {
    private static final int MAX_FILE = 4 << 20;
    private static final int MAX_TEXT = 64 << 10;

    /** More do not fit into a table of contents. */
    private static final int MAX_CHAPTERS = 255;

    private static final String CHAPTER = "[CHAPTER]";

    private final Map<TagField, byte[]> raw = new LinkedHashMap<>();
    private final List<Map<String, byte[]>> rawChapters = new ArrayList<>();

    /** A part of the source; the title is empty when it has none. */
    record Chapter(double start, double end, String title) {}

    private SourceTags() {}

    /**
     * Reads the tags.
     *
     * @param metadata an ffmetadata file, as ffmpeg wrote it
     * @param source where the APEv2 tag of an MP3 is read, which ffmpeg ignores; null for others
     */
    static SourceTags read(Path metadata, @Nullable Source source) throws IOException {
        SourceTags tags = new SourceTags();
        boolean apeFirst = source != null && !beginsWithId3(source);
        if (source != null && apeFirst) ApeTag.read(source, tags::add);
        try (InputStream in = Files.newInputStream(metadata)) {
            tags.addAll(in.readNBytes(MAX_FILE));
        }
        if (source != null && !apeFirst) ApeTag.read(source, tags::add);
        return tags;
    }

    /** The chapters in their order. */
    List<Chapter> chapters() {
        List<Chapter> chapters = new ArrayList<>();
        for (Map<String, byte[]> fields : rawChapters) {
            double base = timeBase(text(fields, "TIMEBASE"));
            Double start = number(text(fields, "START"));
            Double end = number(text(fields, "END"));
            if (base > 0 && start != null && end != null) {
                byte[] title = fields.getOrDefault("title", new byte[0]);
                String utf8 = utf8(title);
                chapters.add(
                        new Chapter(
                                start * base,
                                end * base,
                                clean(utf8 != null ? utf8 : new String(title, likely()))));
            }
        }
        return chapters.stream().sorted(Comparator.comparingDouble(Chapter::start)).toList();
    }

    private static double timeBase(String fraction) {
        int slash = fraction.indexOf('/');
        Double above = number(slash < 0 ? fraction : fraction.substring(0, slash));
        Double below = slash < 0 ? Double.valueOf(1) : number(fraction.substring(slash + 1));
        return above == null || below == null || below == 0 ? 0 : above / below;
    }

    private static @Nullable Double number(String text) {
        return text.matches("-?[0-9]{1,18}") ? Double.valueOf(text) : null;
    }

    private static String text(Map<String, byte[]> fields, String name) {
        byte[] value = fields.get(name);
        return value == null ? "" : new String(value, StandardCharsets.ISO_8859_1).strip();
    }

    /** A tag of ID3v2 is more complete than APEv2, and that more than ID3v1. */
    private static boolean beginsWithId3(Source source) throws IOException {
        try (InputStream in = source.open(0)) {
            return new String(in.readNBytes(3), StandardCharsets.ISO_8859_1).equals("ID3");
        }
    }

    private void addAll(byte[] ffmetadata) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        @Nullable String name = null;
        @Nullable Map<String, byte[]> chapter = null;
        for (int i = 0; i < ffmetadata.length; i++) {
            byte one = ffmetadata[i];
            if (one == '\\' && i + 1 < ffmetadata.length) {
                text.write(ffmetadata[++i]);
            } else if (one == '=' && name == null) {
                name = text.toString(StandardCharsets.ISO_8859_1);
                text.reset();
            } else if (one == '\n') {
                byte[] line = text.toByteArray();
                if (name == null && line.length > 0 && line[0] == '[') chapter = section(line);
                else if (name != null && chapter == null) add(name, line);
                else if (name != null && chapter != null) put(chapter, name, line);
                name = null;
                text.reset();
            } else {
                text.write(one);
            }
        }
    }

    private Map<String, byte[]> section(byte[] heading) {
        Map<String, byte[]> fields = new HashMap<>();
        boolean kept =
                new String(heading, StandardCharsets.ISO_8859_1).equals(CHAPTER)
                        && rawChapters.size() < MAX_CHAPTERS;
        if (kept) rawChapters.add(fields);
        return fields;
    }

    private static void put(Map<String, byte[]> fields, String name, byte[] text) {
        if (text.length <= MAX_TEXT) fields.put(name, text);
    }

    private void add(String name, byte[] text) {
        if (text.length <= MAX_TEXT)
            TagField.named(name).ifPresent(field -> raw.putIfAbsent(field, text));
    }

    private Charset likely() {
        UniversalDetector detector = new UniversalDetector();
        raw.values().stream().filter(text -> utf8(text) == null).forEach(detector::handleData);
        detector.dataEnd();
        return charset(detector.getDetectedCharset());
    }

    /** The tags by field, and without empty ones. */
    Map<TagField, String> text() {
        Charset likely = likely();
        Map<TagField, String> text = new EnumMap<>(TagField.class);
        int left = MAX_TEXT;
        for (TagField field : TagField.values()) {
            byte[] bytes = raw.get(field);
            if (bytes == null || bytes.length > left) continue;
            String utf8 = utf8(bytes);
            String clean = clean(utf8 != null ? utf8 : new String(bytes, likely));
            if (clean.isEmpty()) continue;
            text.put(field, clean);
            left -= bytes.length;
        }
        return text;
    }

    private static Charset charset(@Nullable String detected) {
        // nobody tags files in these, which short Cyrillic texts are taken for
        if (detected != null && (detected.equals("MACCYRILLIC") || detected.equals("IBM855")))
            return Charset.forName("windows-1251");
        return detected != null && Charset.isSupported(detected)
                ? Charset.forName(detected)
                : Charset.forName("windows-1252");
    }

    private static @Nullable String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static String clean(String text) {
        return text.replace("\r\n", "\n").replaceAll("[\\p{Cc}&&[^\n\t]]", " ").strip();
    }
}
