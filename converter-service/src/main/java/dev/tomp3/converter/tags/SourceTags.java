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
import java.util.EnumMap;
import java.util.LinkedHashMap;
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

    private final Map<TagField, byte[]> raw = new LinkedHashMap<>();

    private SourceTags() {}

    /**
     * Reads the tags.
     *
     * @param metadata an ffmetadata file, as ffmpeg wrote it
     * @param source where the APEv2 tag of an MP3 is read, which ffmpeg ignores; null for others
     * @return by field, and without empty ones
     */
    static Map<TagField, String> read(Path metadata, @Nullable Source source) throws IOException {
        SourceTags tags = new SourceTags();
        boolean apeFirst = source != null && !beginsWithId3(source);
        if (source != null && apeFirst) ApeTag.read(source, tags::add);
        try (InputStream in = Files.newInputStream(metadata)) {
            tags.addAll(in.readNBytes(MAX_FILE));
        }
        if (source != null && !apeFirst) ApeTag.read(source, tags::add);
        return tags.text();
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
        for (int i = 0; i < ffmetadata.length; i++) {
            byte one = ffmetadata[i];
            if (one == '\\' && i + 1 < ffmetadata.length) {
                text.write(ffmetadata[++i]);
            } else if (one == '=' && name == null) {
                name = text.toString(StandardCharsets.ISO_8859_1);
                text.reset();
            } else if (one == '\n') {
                if (name != null) add(name, text.toByteArray());
                // sections of tracks and chapters follow
                else if (text.size() > 0 && text.toByteArray()[0] == '[') return;
                name = null;
                text.reset();
            } else {
                text.write(one);
            }
        }
    }

    private void add(String name, byte[] text) {
        if (text.length <= MAX_TEXT)
            TagField.named(name).ifPresent(field -> raw.putIfAbsent(field, text));
    }

    private Map<TagField, String> text() {
        UniversalDetector detector = new UniversalDetector();
        raw.values().stream().filter(text -> utf8(text) == null).forEach(detector::handleData);
        detector.dataEnd();
        Charset likely = charset(detector.getDetectedCharset());
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
