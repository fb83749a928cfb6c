package dev.tomp3.scaling;

import java.util.SplittableRandom;

/** Random numbers that are the same for a seed on every machine, because of {@link StrictMath}. */
final class RandomNumbers {
    private final SplittableRandom random;

    RandomNumbers(long seed) {
        random = new SplittableRandom(seed);
    }

    /** From 0 to just below 1. */
    double uniform() {
        return random.nextDouble();
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    double exponential(double mean) {
        return -mean * StrictMath.log(1 - uniform());
    }

    double logNormal(double median, double sigma) {
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - uniform()));
        double normal = radius * StrictMath.cos(2 * Math.PI * uniform());
        return median * StrictMath.exp(sigma * normal);
    }
}
