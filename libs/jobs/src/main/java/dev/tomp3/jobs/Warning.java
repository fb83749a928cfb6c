package dev.tomp3.jobs;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the owner of a done job should know about its MP3.
 *
 * @param message for people, in English
 * @param atMs where in the MP3 it begins, in milliseconds; null when it has no place
 */
public record Warning(Code code, String message, @Nullable Long atMs) {
    /** Stable codes that scripts may rely on; in the API in lower case with hyphens. */
    public enum Code {
        /** The source ends before its declared end. */
        TRUNCATED,
        /** Parts of the source could not be decoded and were skipped. */
        DAMAGED,
        /** Silence stands for time that is missing in the source. */
        GAPS_FILLED,
        /** The source's clock jumps; the jump is left out. */
        DISCONTINUITY,
        /** The track that should be taken cannot be decoded; another one was taken. */
        OTHER_TRACK;

        public String wire() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
