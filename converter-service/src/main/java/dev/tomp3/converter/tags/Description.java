package dev.tomp3.converter.tags;

import dev.tomp3.converter.source.Source;
import dev.tomp3.jobs.Option;
import dev.tomp3.jobs.Options;
import dev.tomp3.jobs.Sound;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the tag of an MP3 says: the tags that its user sets, those of its source, and its chapters.
 *
 * @param length of the MP3
 */
public record Description(
        Map<TagField, String> fields, List<Sound.Chapter> chapters, Duration length) {
    private static final Map<Option, TagField> FIELDS =
            Map.of(
                    Option.TITLE, TagField.TITLE,
                    Option.ARTIST, TagField.ARTIST,
                    Option.ALBUM, TagField.ALBUM,
                    Option.ALBUM_ARTIST, TagField.ALBUM_ARTIST,
                    Option.TRACK_NUMBER, TagField.TRACK,
                    Option.YEAR, TagField.DATE,
                    Option.GENRE, TagField.GENRE,
                    Option.COMMENT, TagField.COMMENT);

    private static final Pattern YEAR = Pattern.compile("^\\d{4}|(?<!\\d)\\d{4}(?!\\d)");

    /**
     * The description of an MP3.
     *
     * @param metadata what ffmpeg wrote about the source, an ffmetadata file
     * @param apev2 a source that may have an APEv2 tag; null when none is looked for
     * @param title when the source has none
     * @param begin where in the source the MP3 begins
     */
    public static Description of(
            Path metadata,
            @Nullable Source apev2,
            String title,
            Options options,
            Duration begin,
            Duration length)
            throws IOException {
        SourceTags source = SourceTags.read(metadata, apev2);
        Map<TagField, String> fields = new EnumMap<>(TagField.class);
        if (!options.dropsTags()) {
            fields.putAll(source.text());
            fields.computeIfPresent(TagField.DATE, (_, date) -> date(date));
            fields.putIfAbsent(TagField.TITLE, title);
        }
        FIELDS.forEach((option, field) ->
                options.text(option)
                        .ifPresent(text -> {
                            fields.remove(field);
                            if (!text.isEmpty()) fields.put(field, text);
                        }));
        return new Description(
                fields,
                options.dropsTags() ? List.of() : chapters(source.chapters(), begin, length),
                length);
    }

    /** What begins with a year, or the year in it; null when there is none. */
    private static @Nullable String date(String text) {
        Matcher year = YEAR.matcher(text);
        if (!year.find()) return null;
        return year.start() == 0 ? text : year.group();
    }

    /** The chapters of which the MP3 has at least a part, in its time. */
    private static List<Sound.Chapter> chapters(
            List<SourceTags.Chapter> all, Duration begin, Duration length) {
        double from = begin.toNanos() / 1e9;
        double to = from + length.toNanos() / 1e9;
        List<Sound.Chapter> chapters = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            SourceTags.Chapter chapter = all.get(i);
            double end = i + 1 < all.size() ? all.get(i + 1).start() : Double.MAX_VALUE;
            if (end <= from || chapter.start() >= to) continue;
            chapters.add(
                    new Sound.Chapter(
                            Math.max(0, Math.round(1000 * (chapter.start() - from))),
                            chapter.title().isEmpty() ? "Chapter " + (i + 1) : chapter.title()));
        }
        return chapters;
    }

    /** The tags that options set, by the names of the options. */
    public Map<String, String> tags() {
        Map<String, String> tags = new LinkedHashMap<>();
        for (Option option : Option.values()) {
            @Nullable TagField field = FIELDS.get(option);
            @Nullable String text = field == null ? null : fields.get(field);
            if (text != null) tags.put(option.wire(), text);
        }
        return tags;
    }
}
