package dev.tomp3.notification;

import java.util.regex.Pattern;

/** Words from outside, made fit to stand in a line of ours. */
final class Text {
    /** Controls, line and paragraph separators, and what turns the direction of writing. */
    private static final Pattern UNFIT =
            Pattern.compile("[\\p{Cc}\\p{Zl}\\p{Zp}\\x{202A}-\\x{202E}\\x{2066}-\\x{2069}]+");

    private Text() {}

    static String oneLine(String text) {
        return UNFIT.matcher(text).replaceAll(" ").strip();
    }
}
