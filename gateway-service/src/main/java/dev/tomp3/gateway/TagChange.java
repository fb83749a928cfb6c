package dev.tomp3.gateway;

import dev.tomp3.jobs.Option;
import dev.tomp3.jobs.Options;
import dev.tomp3.jobs.Sound;
import dev.tomp3.jobs.media.Id3Frames;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the tag options of a user change of the tag of an MP3. */
record TagChange(Options options) {
    private static final Pattern DATE = Pattern.compile("(\\d{4})(?:-(\\d\\d)-(\\d\\d))?.*");

    private static final Map<Option, String> FRAMES =
            Map.of(
                    Option.TITLE, "TIT2",
                    Option.ARTIST, "TPE1",
                    Option.ALBUM, "TALB",
                    Option.ALBUM_ARTIST, "TPE2",
                    Option.TRACK_NUMBER, "TRCK",
                    Option.YEAR, "TYER",
                    Option.GENRE, "TCON",
                    Option.COMMENT, "COMM");

    /** Frames that no source brings along, and the cover, which has its own option. */
    private static final Set<String> OF_SOUND = Set.of("APIC", "TXXX");

    /** Changes a tag. */
    void apply(Id3Frames tag) {
        if (options.dropsTags()) tag.remove(id -> !OF_SOUND.contains(id));
        if (options.dropsCover()) tag.remove("APIC"::equals);
        FRAMES.forEach((option, frame) ->
                options.text(option).ifPresent(text -> set(tag, option, frame, text)));
    }

    private static void set(Id3Frames tag, Option option, String frame, String text) {
        tag.remove(frame::equals);
        if (option == Option.YEAR) tag.remove("TDAT"::equals);
        if (text.isEmpty()) return;
        switch (option) {
            case YEAR -> {
                Matcher date = DATE.matcher(text);
                if (!date.matches()) return;
                tag.addFirst(frame, Id3Frames.text(date.group(1)));
                if (date.group(2) != null)
                    tag.addFirst("TDAT", Id3Frames.text(date.group(3) + date.group(2)));
            }
            case COMMENT -> tag.addFirst(frame, Id3Frames.text("eng", "", text));
            default -> tag.addFirst(frame, Id3Frames.text(text.replace('\n', ' ')));
        }
    }

    /** What the job says of the MP3 afterwards. */
    @Nullable Sound apply(@Nullable Sound sound) {
        if (sound == null) return null;
        Map<String, String> tags = new LinkedHashMap<>();
        for (Option option : Option.values()) {
            if (!option.isTag()) continue;
            String before = options.dropsTags() ? null : sound.tags().get(option.wire());
            String text = options.text(option).orElse(before == null ? "" : before);
            if (!text.isEmpty()) tags.put(option.wire(), text);
        }
        return new Sound(
                sound.tracks(),
                sound.track(),
                options.dropsTags() ? List.of() : sound.chapters(),
                sound.loudness(),
                tags);
    }
}
