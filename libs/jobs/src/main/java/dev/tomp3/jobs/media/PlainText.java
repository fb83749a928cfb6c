package dev.tomp3.jobs.media;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Recognizes text, in Unicode or an 8-bit character set. All of its beginning must be text: before
 * the first frame of a recorded radio programme there may be the head of an answer of HTTP.
 */
final class PlainText {
    /** Control characters that texts have: what moves the cursor, Ctrl-Z, and escape. */
    private static final String CONTROLS = "\b\t\n\u000b\f\r\u001a\u001b\u0085";

    private static final int BEGINNING = 1024;

    private static final List<Charset> WIDE =
            List.of(
                    StandardCharsets.UTF_16LE,
                    StandardCharsets.UTF_16BE,
                    StandardCharsets.UTF_32LE,
                    StandardCharsets.UTF_32BE);

    /** So few wide characters may be chance. */
    private static final int FEW = 16;

    private PlainText() {}

    static boolean matches(byte[] head) {
        byte[] beginning = Arrays.copyOf(head, Math.min(head.length, BEGINNING));
        return hasOnlyText(decoded(beginning, StandardCharsets.UTF_8))
                || isEightBit(beginning)
                || WIDE.stream()
                        .map(charset -> decoded(beginning, charset))
                        .anyMatch(PlainText::isWide);
    }

    /** Empty when it is not valid in this encoding. */
    private static CharBuffer decoded(byte[] head, Charset charset) {
        CharBuffer text = CharBuffer.allocate(head.length);
        boolean valid =
                !charset.newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT)
                        // the head may end within a character
                        .decode(ByteBuffer.wrap(head), text, false)
                        .isError();
        return valid ? text.flip() : CharBuffer.allocate(0);
    }

    private static boolean hasOnlyText(CharBuffer text) {
        return !text.isEmpty() && text.chars().allMatch(PlainText::isText);
    }

    private static boolean isText(int character) {
        return switch (Character.getType(character)) {
            case Character.UNASSIGNED -> false;
            case Character.CONTROL -> CONTROLS.indexOf(character) >= 0;
            default -> true;
        };
    }

    /** Almost any two bytes are a character, so some of them must be ASCII. */
    private static boolean isWide(CharBuffer text) {
        if (!hasOnlyText(text)) return false;
        long ascii = text.chars().filter(character -> character < 0x80).count();
        return text.charAt(0) == '\ufeff' || (text.length() >= FEW && ascii * 10 >= text.length());
    }

    /** Latin-1, Shift-JIS and the like have no rules but these. Padding has no spaces. */
    private static boolean isEightBit(byte[] head) {
        boolean spaces = false;
        for (byte each : head) {
            if ((each >= 0 && each < ' ' && CONTROLS.indexOf(each) < 0) || each == 0x7f)
                return false;
            spaces |= each == ' ' || each == '\n' || each == '\r';
        }
        return spaces;
    }
}
