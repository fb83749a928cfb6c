package dev.tomp3.jobs;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The values that an {@link Option} takes. Digits are those of ASCII in every language. */
public enum OptionType {
    NAME("[a-zA-Z0-9_-]{1,64}", "a name"),
    NUMBER("[0-9]{1,9}", "a whole number"),
    FLAG("true|false", "true or false"),
    TRACK("[1-9][0-9]{0,3}|language=[a-zA-Z]{2,3}", "a number from 1, or language=de"),
    TIME(
            "(?:(?:([0-9]{1,3}):)?([0-9]{1,5}):)?([0-9]{1,6}(?:\\.[0-9]{1,9})?)",
            "seconds (90), or minutes and seconds (1:30.5)"),
    SECONDS("[0-9]{1,4}(?:\\.[0-9]{1,9})?", "seconds"),
    LOUDNESS("-(?:[5-9]|[12][0-9]|30)(?:\\.[0-9]{1,2})?", "-30 to -5"),
    TEXT("[\\s\\S]{0,1024}", "text"),
    YEAR("(?:[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?)?", "a year or a date (2026-11-27)"),
    COVER("none", "none"),
    TAGS("keep|none", "keep or none"),
    DAMAGED("keep|fail", "keep or fail");

    /** How the value of a cover begins that is a file; the hash of the file follows. */
    static final String COVER_FILE = "sha256:";

    private static final BigDecimal SIXTY = BigDecimal.valueOf(60);
    private static final BigDecimal QUIETEST = BigDecimal.valueOf(-30);

    private final Pattern pattern;
    private final String explanation;

    OptionType(String pattern, String explanation) {
        this.pattern = Pattern.compile(pattern);
        this.explanation = explanation;
    }

    /** A regular expression that all values match. */
    public String pattern() {
        return pattern.pattern();
    }

    /** The values, for people. */
    public String explanation() {
        return explanation;
    }

    /**
     * The value in the one way in which it is stored.
     *
     * @throws IllegalArgumentException when the text is no value
     */
    String parse(String text) {
        Matcher matcher = pattern.matcher(text);
        boolean legal = matcher.matches();
        if (legal && this == LOUDNESS) legal = new BigDecimal(text).compareTo(QUIETEST) >= 0;
        if (!legal) throw new IllegalArgumentException("must be " + explanation);
        return switch (this) {
            case TIME -> plain(seconds(matcher));
            case SECONDS, LOUDNESS -> plain(new BigDecimal(text));
            case TEXT -> text.replaceAll("[\\p{Cc}&&[^\n\t]]", " ").strip();
            default -> text;
        };
    }

    private static BigDecimal seconds(Matcher time) {
        BigDecimal seconds = new BigDecimal(time.group(3));
        if (time.group(2) != null) seconds = seconds.add(SIXTY.multiply(number(time.group(2))));
        if (time.group(1) != null)
            seconds = seconds.add(SIXTY.multiply(SIXTY).multiply(number(time.group(1))));
        return seconds;
    }

    private static BigDecimal number(String digits) {
        return new BigDecimal(digits);
    }

    private static String plain(BigDecimal number) {
        return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
    }

    /** The value as JSON has it: a boolean, a number or a text. */
    Object json(String value) {
        return switch (this) {
            case FLAG -> Boolean.valueOf(value);
            case NUMBER -> Integer.valueOf(value);
            case TIME, SECONDS, LOUDNESS -> new BigDecimal(value);
            case COVER -> value.startsWith(COVER_FILE) ? "file" : value;
            case TRACK ->
                    Character.isDigit(value.charAt(0)) ? (Object) Integer.valueOf(value) : value;
            default -> value;
        };
    }
}
