package dev.tomp3.scaling;

import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** What is simulated. Times in seconds, work in seconds of one core. */
record Setup(Load load, Pool pool, Rules rules, long seed) {

    /**
     * What comes.
     *
     * @param jobs how many, the burst not counted
     * @param rate a second, on average
     * @param work of a job
     * @param shape by how much the rate is multiplied at a time, at most {@code peak}; 1 on average
     * @param owners whose jobs they are, each as likely as the other
     * @param burst so many jobs of one more owner come at once, after half of the others
     */
    record Load(
            int jobs,
            double rate,
            ToDoubleFunction<Chance> work,
            DoubleUnaryOperator shape,
            double peak,
            int owners,
            int burst) {

        static Load steady(int jobs, double rate, int owners, ToDoubleFunction<Chance> work) {
            return new Load(jobs, rate, work, _ -> 1, 1, owners, 0);
        }

        Load withBurst(int newBurst) {
            return new Load(jobs, rate, work, shape, peak, owners, newBurst);
        }

        Load withShape(DoubleUnaryOperator newShape, double newPeak) {
            return new Load(jobs, rate, work, newShape, newPeak, owners, burst);
        }
    }

    /**
     * The converters.
     *
     * @param converters at the start
     * @param workers jobs of one converter at the same time
     * @param cores of one converter
     * @param piece the work after which one job can use another core; infinite for one core a job
     * @param widest how many cores one job can use at most, however long it is
     * @param lives how long a converter works until it is killed, on average; infinite for never
     * @param starts how long a converter takes to be ready
     * @param scaling null where their number stays
     */
    record Pool(
            int converters,
            int workers,
            int cores,
            double piece,
            double widest,
            double lives,
            double starts,
            @Nullable Scaling scaling) {

        /** Of one core and one worker each. */
        static Pool of(int converters) {
            return sharing(converters, 1, 1, Double.POSITIVE_INFINITY, 1);
        }

        static Pool sharing(int converters, int workers, int cores, double piece, double widest) {
            return new Pool(
                    converters, workers, cores, piece, widest, Double.POSITIVE_INFINITY, 0, null);
        }

        Pool living(double newLives, double newStarts) {
            return new Pool(
                    converters, workers, cores, piece, widest, newLives, newStarts, scaling);
        }

        Pool scaled(Scaling newScaling, double newStarts) {
            return new Pool(
                    converters, workers, cores, piece, widest, lives, newStarts, newScaling);
        }
    }

    /**
     * The autoscaler's settings, as in {@code k8s/components/keda}.
     *
     * @param least converters
     * @param most converters
     * @param messages waiting and being worked on, for each converter
     * @param poll how often it looks
     * @param patience it shrinks to no less than what was wanted within this time
     * @param share of the converters that it takes away at most
     * @param period in such a time
     * @param grace a job with less than that to do is finished by a converter that is taken away
     */
    record Scaling(
            int least,
            int most,
            double messages,
            double poll,
            double patience,
            double share,
            double period,
            double grace) {}

    /**
     * In which order jobs are taken.
     *
     * @param mostAtOnce of one owner; 0 for any number
     */
    record Rules(Backlog.Order order, int mostAtOnce) {}
}
