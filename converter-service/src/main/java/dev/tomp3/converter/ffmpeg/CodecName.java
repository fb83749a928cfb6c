package dev.tomp3.converter.ffmpeg;

import java.util.Locale;
import java.util.Map;

/** What people call a codec. */
public final class CodecName {
    private static final Map<String, String> NAMES =
            Map.ofEntries(
                    Map.entry("apac", "Apple Positional Audio (APAC)"),
                    Map.entry("ac-4", "Dolby AC-4"),
                    Map.entry("a_ac4", "Dolby AC-4"),
                    Map.entry("xhe-aac", "xHE-AAC (USAC)"),
                    Map.entry("mpegh_3d_audio", "MPEG-H 3D Audio"),
                    Map.entry("mha1", "MPEG-H 3D Audio"),
                    Map.entry("mha2", "MPEG-H 3D Audio"),
                    Map.entry("mhm1", "MPEG-H 3D Audio"),
                    Map.entry("mhm2", "MPEG-H 3D Audio"),
                    Map.entry("iamf", "Immersive Audio (IAMF)"));

    private CodecName() {}

    /** The name of a track's codec. */
    public static String of(Probe.Audio track) {
        if (!track.codec().equals("none")) return of(track.codec());
        return track.tag().isEmpty() ? "an unknown codec" : of(track.tag());
    }

    /** The name for a codec that a container or ffmpeg names like this. */
    public static String of(String name) {
        return NAMES.getOrDefault(name.strip().toLowerCase(Locale.ROOT), name.strip());
    }
}
