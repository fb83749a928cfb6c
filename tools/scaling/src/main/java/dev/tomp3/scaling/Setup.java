package dev.tomp3.scaling;

import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The setup of a simulation. Times are in seconds, work is in seconds of one core. */
record Setup(Load load, Pool pool, Rules rules, long seed) {

    /**
     * The arriving jobs.
     *
     * @param jobs their number, without the burst
     * @param rate the mean number of jobs a second
     * @param work the distribution of the work of a job
     * @param shape the factor of the rate at a time, at most {@code peak}; 1 on average
     * @param owners the number of users, who all send equally many jobs
     * @param burst the number of jobs that one more user sends at once, after half of the others
     */
    record Load(
            int jobs,
            double rate,
            ToDoubleFunction<RandomNumbers> work,
            DoubleUnaryOperator shape,
            double peak,
            int owners,
            int burst) {

        static Load steady(
                int jobs, double rate, int owners, ToDoubleFunction<RandomNumbers> work) {
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
     * @param converters their initial number
     * @param workers the number of concurrent jobs of one converter
     * @param cores the cores of one converter
     * @param segment the work of one segment: a job can use as many cores as it has segments
     * @param maxCores the maximum number of cores of one job
     * @param lifetime the mean time until a converter is killed; infinite for never
     * @param startTime the time until a new converter is ready
     * @param scaling null for a fixed number of converters
     */
    record Pool(
            int converters,
            int workers,
            int cores,
            double segment,
            double maxCores,
            double lifetime,
            double startTime,
            @Nullable Scaling scaling) {

        /** Converters with one core and one worker each. */
        static Pool of(int converters) {
            return sharing(converters, 1, 1, Double.POSITIVE_INFINITY, 1);
        }

        static Pool sharing(
                int converters, int workers, int cores, double segment, double maxCores) {
            return new Pool(
                    converters,
                    workers,
                    cores,
                    segment,
                    maxCores,
                    Double.POSITIVE_INFINITY,
                    0,
                    null);
        }

        Pool withLifetime(double newLifetime, double newStartTime) {
            return new Pool(
                    converters,
                    workers,
                    cores,
                    segment,
                    maxCores,
                    newLifetime,
                    newStartTime,
                    scaling);
        }

        Pool withScaling(Scaling newScaling, double newStartTime) {
            return new Pool(
                    converters,
                    workers,
                    cores,
                    segment,
                    maxCores,
                    lifetime,
                    newStartTime,
                    newScaling);
        }
    }

    /**
     * The settings of the autoscaler, as in {@code k8s/components/keda}.
     *
     * @param min converters
     * @param max converters
     * @param messages the target number of messages per converter, ready and unacknowledged
     * @param poll the polling interval
     * @param stabilization it does not scale below the highest wish within this time
     * @param share the maximum share of the converters that it removes
     * @param period the period for which the share counts
     * @param grace a removed converter finishes jobs with less remaining time than this
     */
    record Scaling(
            int min,
            int max,
            double messages,
            double poll,
            double stabilization,
            double share,
            double period,
            double grace) {}

    /**
     * The rules of the queue.
     *
     * @param maxConcurrent the maximum number of running jobs of one owner; 0 for any number
     */
    record Rules(Backlog.Order order, int maxConcurrent) {}
}
