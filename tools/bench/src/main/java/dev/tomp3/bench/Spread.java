package dev.tomp3.bench;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;

/** The median, minimum and maximum of several measurements. */
record Spread(double median, double minimum, double maximum) {
    static Spread of(double... values) {
        if (values.length == 0) return new Spread(Double.NaN, Double.NaN, Double.NaN);
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        double median =
                sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1]);
    }

    static Spread of(Collection<Double> values) {
        return of(values.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** For example {@code 0.42 (0.40-0.51)}. */
    @Override
    public String toString() {
        return "%s (%s-%s)".formatted(digits(median), digits(minimum), digits(maximum));
    }

    /** At least three significant digits. */
    static String digits(double value) {
        if (Double.isNaN(value)) return "";
        double size = Math.abs(value);
        int places = size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.095 ? 2 : 3;
        return String.format(Locale.ROOT, "%." + places + "f", value);
    }
}
