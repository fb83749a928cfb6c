package dev.tomp3.gateway;

import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.Jobs.Load;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * The number of jobs that are not settled, and how long the oldest has waited. The values are
 * refreshed periodically and not for each scrape: a scrape neither waits for MongoDB nor fails with
 * it, and any number of scrapes cost it nothing. While MongoDB does not respond, the values are
 * NaN.
 *
 * <p>Every gateway reports the same jobs: aggregate with max, not with sum.
 */
@Component
class JobMetrics implements MeterBinder, DisposableBean {
    private static final Logger log = LoggerFactory.getLogger(JobMetrics.class);
    private static final Duration INTERVAL = Duration.ofSeconds(10);

    private final Jobs jobs;
    private final Clock clock;
    private volatile @Nullable Load load;
    private final ScheduledExecutorService executor =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("job-metrics").daemon().factory());

    JobMetrics(Jobs jobs, Clock clock) {
        this.jobs = jobs;
        this.clock = clock;
        ScheduledFuture<?> _ =
                executor.scheduleWithFixedDelay(
                        this::refresh, 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        count(registry, "uploading", Load::uploading);
        count(registry, "queued", Load::queued);
        count(registry, "converting", Load::converting);
        Gauge.builder("jobs.oldest.waiting", () -> of(this::oldestSeconds))
                .description("Age of the queued job that was created first")
                .baseUnit("seconds")
                .register(registry);
    }

    private void count(MeterRegistry registry, String status, ToDoubleFunction<Load> count) {
        Gauge.builder("jobs.unsettled", () -> of(count))
                .description("Jobs that are not settled; the same on every gateway")
                .tag("status", status)
                .register(registry);
    }

    private double of(ToDoubleFunction<Load> value) {
        Load now = load;
        return now == null ? Double.NaN : value.applyAsDouble(now);
    }

    private double oldestSeconds(Load load) {
        if (load.oldest() == null) return 0;
        return Math.max(0, Duration.between(load.oldest(), clock.instant()).toMillis() / 1000.0);
    }

    @Override
    public void destroy() {
        executor.shutdownNow();
    }

    private void refresh() {
        try {
            load = jobs.load();
        } catch (RuntimeException e) { // an escaped exception would end all later runs
            load = null;
            log.debug("The jobs could not be counted: {}", e.toString());
        }
    }
}
