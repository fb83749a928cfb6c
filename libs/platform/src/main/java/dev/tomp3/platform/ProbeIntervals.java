package dev.tomp3.platform;

import java.time.Duration;

/**
 * How often {@link DependencyReadiness} contacts the dependencies.
 *
 * @param retry between two attempts to initialize a dependency
 * @param probe between two probes of an initialized dependency
 * @param validity how long a successful probe counts: longer than two intervals, so that a single
 *     slow probe does not report a dependency as down
 */
public record ProbeIntervals(Duration retry, Duration probe, Duration validity) {
    public static final ProbeIntervals DEFAULT =
            new ProbeIntervals(
                    Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ofSeconds(25));
}
