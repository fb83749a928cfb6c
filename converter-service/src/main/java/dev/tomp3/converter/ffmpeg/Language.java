package dev.tomp3.converter.ffmpeg;

import java.util.Locale;
import java.util.Map;
import java.util.MissingResourceException;
import org.jspecify.annotations.Nullable;

/** Languages as files and users name them: in two letters, or in three of either kind (ISO 639). */
final class Language {
    /** The bibliographic codes that differ from the terminological ones. */
    private static final Map<String, String> BIBLIOGRAPHIC =
            Map.ofEntries(
                    Map.entry("alb", "sqi"),
                    Map.entry("arm", "hye"),
                    Map.entry("baq", "eus"),
                    Map.entry("bur", "mya"),
                    Map.entry("chi", "zho"),
                    Map.entry("cze", "ces"),
                    Map.entry("dut", "nld"),
                    Map.entry("fre", "fra"),
                    Map.entry("geo", "kat"),
                    Map.entry("ger", "deu"),
                    Map.entry("gre", "ell"),
                    Map.entry("ice", "isl"),
                    Map.entry("mac", "mkd"),
                    Map.entry("mao", "mri"),
                    Map.entry("may", "msa"),
                    Map.entry("per", "fas"),
                    Map.entry("rum", "ron"),
                    Map.entry("slo", "slk"),
                    Map.entry("tib", "bod"),
                    Map.entry("wel", "cym"));

    private Language() {}

    static boolean isSame(@Nullable String one, String other) {
        return one != null && code(one).equals(code(other));
    }

    private static String code(String language) {
        // a file may name a region, too: pt-BR
        String lower = language.toLowerCase(Locale.ROOT).replaceFirst("[-_].*", "");
        if (lower.length() == 3) return BIBLIOGRAPHIC.getOrDefault(lower, lower);
        try {
            return Locale.of(lower).getISO3Language();
        } catch (MissingResourceException e) {
            return lower;
        }
    }
}
