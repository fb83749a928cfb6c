package dev.tomp3.converter.tags;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The tags that are kept, in the order in which they are written. All others are dropped: they may
 * tell where a recording was made, and with whose device.
 */
enum TagField {
    TITLE("TIT2"),
    ARTIST("TPE1"),
    ALBUM("TALB"),
    ALBUM_ARTIST("TPE2", "albumartist", "album artist"),
    TRACK("TRCK", "tracknumber"),
    DISC("TPOS", "discnumber"),
    DATE("TYER", "year", "date_released", "date_recorded", "tdrc"),
    GENRE("TCON"),
    COMPOSER("TCOM"),
    PERFORMER("TPE3", "conductor"),
    LYRICIST("TEXT"),
    GROUPING("TIT1"),
    SUBTITLE("TIT3"),
    COPYRIGHT("TCOP"),
    PUBLISHER("TPUB", "label", "organization"),
    LANGUAGE("TLAN"),
    COMPILATION("TCMP"),
    BPM("TBPM"),
    INITIAL_KEY("TKEY", "initialkey"),
    ISRC("TSRC"),
    TITLE_SORT("TSOT", "title-sort", "titlesort"),
    ARTIST_SORT("TSOP", "artist-sort", "artistsort"),
    ALBUM_SORT("TSOA", "album-sort", "albumsort"),
    COMMENT("COMM"),
    DESCRIPTION("TXXX"),
    LYRICS("USLT", "unsyncedlyrics");

    private static final Map<String, TagField> BY_NAME =
            Arrays.stream(values())
                    .flatMap(field -> field.names().map(name -> Map.entry(name, field)))
                    .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

    private final String frame;
    private final String names;

    TagField(String frame, String... otherNames) {
        this.frame = frame;
        this.names = String.join("|", name(), frame, String.join("|", otherNames));
    }

    /** Its frame in ID3v2.3. */
    String frame() {
        return frame;
    }

    private Stream<String> names() {
        return Arrays.stream(names.toLowerCase(Locale.ROOT).split("\\|"));
    }

    /** The field of a tag, by the name that ffmpeg, ID3v2 or APEv2 has for it. */
    static Optional<TagField> named(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.startsWith("lyrics-")) return Optional.of(LYRICS);
        return Optional.ofNullable(BY_NAME.get(lower));
    }
}
