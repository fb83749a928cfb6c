package dev.tomp3.scaling;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.StringJoiner;

/** Builds a table. */
final class Markdown {
    private final StringBuilder text = new StringBuilder();

    Markdown(Object... head) {
        row(head);
        StringJoiner rule = new StringJoiner(" | ", "| ", " |\n");
        for (Object _ : head) rule.add("---");
        text.append(rule);
    }

    Markdown row(Object... cells) {
        StringJoiner row = new StringJoiner(" | ", "| ", " |\n");
        for (Object cell : cells)
            row.add(cell instanceof Double number ? number(number) : String.valueOf(cell));
        text.append(row);
        return this;
    }

    /** Three significant digits. */
    static String number(double value) {
        if (Double.isNaN(value) || value == 0) return "-";
        BigDecimal rounded = new BigDecimal(value).round(new MathContext(3));
        return value >= 1000
                ? String.format(Locale.ROOT, "%,.0f", rounded)
                : rounded.stripTrailingZeros().toPlainString();
    }

    /** A number that is often close to 0. */
    static String times(double value) {
        return value > 0 && value < 0.0005
                ? "0.0"
                : number(new BigDecimal(value).setScale(3, RoundingMode.HALF_UP).doubleValue());
    }

    static String percent(double share) {
        if (share == 0) return "-";
        if (share < 0.0095) return String.format(Locale.ROOT, "%.1f %%", 100 * share);
        return String.format(Locale.ROOT, "%,.0f %%", 100 * share);
    }

    /** Seconds, rounded to at most one decimal. */
    static String seconds(double seconds) {
        if (seconds < 0.05) return "0";
        if (seconds < 9.95) return String.format(Locale.ROOT, "%.1f", seconds);
        return String.format(Locale.ROOT, "%,.0f", seconds);
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
