package dev.tomp3.notification;

import java.util.regex.Pattern;

/** Makes untrusted text fit for a log line or a mail header. */
final class Text {
    /** Control characters, line and paragraph separators, bidirectional overrides. */
    private static final Pattern UNFIT =
            Pattern.compile("[\\p{Cc}\\p{Zl}\\p{Zp}\\x{202A}-\\x{202E}\\x{2066}-\\x{2069}]+");

    private Text() {}

    static String oneLine(String text) {
        return UNFIT.matcher(text).replaceAll(" ").strip();
    }
}
