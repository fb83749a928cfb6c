package dev.tomp3.scaling;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/** A sorted list of durations in seconds. */
final class Times {
    private final double[] sorted;

    Times(DoubleStream times) {
        sorted = times.sorted().toArray();
    }

    int count() {
        return sorted.length;
    }

    double mean() {
        return Arrays.stream(sorted).average().orElse(0);
    }

    /**
     * A quantile.
     *
     * @param share 0.5 for the median
     */
    double of(double share) {
        return sorted[Math.min(sorted.length - 1, (int) (share * sorted.length))];
    }
}
