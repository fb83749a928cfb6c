package dev.tomp3.converter;

import dev.tomp3.jobs.Failure;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntSupplier;

/** The metrics of conversions. All series exist from the start. */
final class ConverterMetrics {
    private static final Duration[] BUCKETS = {
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(15),
        Duration.ofMinutes(1),
        Duration.ofMinutes(5),
        Duration.ofMinutes(15),
        Duration.ofHours(1),
        Duration.ofHours(4)
    };

    private final MeterRegistry registry;
    private final Counter successes;
    private final Counter errors;
    private final Map<Failure.Code, Counter> failures = new EnumMap<>(Failure.Code.class);
    private final Counter audio;
    private final Timer durations;

    ConverterMetrics(MeterRegistry registry) {
        this.registry = registry;
        successes = results("success");
        errors = results("error");
        for (Failure.Code code : Failure.Code.values()) {
            failures.put(
                    code,
                    Counter.builder("converter.failures")
                            .description("Failed jobs, by failure code")
                            .tag("code", code.wire())
                            .register(registry));
        }
        audio =
                Counter.builder("converter.audio")
                        .description("Length of the converted audio")
                        .baseUnit("seconds")
                        .register(registry);
        durations =
                Timer.builder("converter.job.duration")
                        .description("Time from the claim of a job to its settlement")
                        .serviceLevelObjectives(BUCKETS)
                        .register(registry);
    }

    private Counter results(String result) {
        return Counter.builder("converter.jobs")
                .description("Settled jobs, by result")
                .tag("result", result)
                .register(registry);
    }

    /** Shows how many jobs can run, and how many do. */
    void showWorkers(int workers, IntSupplier busy) {
        Gauge.builder("converter.workers", () -> workers)
                .description("Jobs that can run at the same time")
                .register(registry);
        Gauge.builder("converter.workers.busy", busy::getAsInt)
                .description("Running jobs")
                .register(registry);
    }

    void succeeded(Duration converted, Duration elapsed) {
        successes.increment();
        audio.increment(converted.toNanos() / 1e9);
        durations.record(elapsed);
    }

    void failed(Failure.Code code, Duration elapsed) {
        errors.increment();
        Objects.requireNonNull(failures.get(code)).increment();
        durations.record(elapsed);
    }
}
