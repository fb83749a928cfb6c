package dev.tomp3.platform;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;

/**
 * A service is ready once each of its dependencies has been initialized. A later outage does not
 * make it unready, because a short outage of one store would then take every replica out of service
 * at the same time; it shows in the responses, in the health details and in the metrics.
 *
 * <p>The metric {@code back_end_up{back_end}} is 1 while the last successful probe of a dependency
 * is recent. The probes run in the background, so that a dependency that hangs never delays a
 * scrape.
 */
final class DependencyReadiness implements HealthIndicator, MeterBinder, SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(DependencyReadiness.class);
    private static final int ATTEMPTS_PER_WARNING = 30;

    private final ConfigurableApplicationContext context;
    private final List<Dependency> dependencies;
    private final ProbeIntervals intervals;
    private final NanoClock clock;
    private final Set<String> missing = ConcurrentHashMap.newKeySet();
    private final Map<String, Long> lastSuccess = new ConcurrentHashMap<>();
    private volatile boolean running;

    DependencyReadiness(
            ConfigurableApplicationContext context,
            List<Dependency> dependencies,
            ProbeIntervals intervals,
            NanoClock clock) {
        this.context = context;
        this.dependencies = dependencies;
        this.intervals = intervals;
        this.clock = clock;
        dependencies.forEach(dependency -> missing.add(dependency.name()));
    }

    @Override
    public Health health() {
        Map<String, String> activities = new TreeMap<>();
        for (Dependency dependency : dependencies) {
            if (missing.contains(dependency.name()))
                activities.put(dependency.name(), dependency.activity());
        }
        return activities.isEmpty()
                ? Health.up().build()
                : Health.outOfService().withDetail("missing", activities).build();
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (Dependency dependency : dependencies) {
            Gauge.builder("back.end.up", () -> up(dependency.name()) ? 1 : 0)
                    .description("1 while the dependency responds, else 0")
                    .tag("back_end", dependency.name())
                    .register(registry);
        }
    }

    private boolean up(String name) {
        Long at = lastSuccess.get(name);
        return at != null && clock.since(at).compareTo(intervals.validity()) < 0;
    }

    @Override
    public void start() {
        running = true;
        dependencies.forEach(dependency ->
                Thread.ofVirtual()
                        .name("dependency-" + dependency.name())
                        .start(() -> {
                            try {
                                if (initialize(dependency)) watch(dependency);
                            } catch (InterruptedException e) {
                                // the service stops
                            }
                        }));
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Returns false when the service stops or the dependency is unusable. */
    private boolean initialize(Dependency dependency) throws InterruptedException {
        for (int failures = 0; running; failures++) {
            try {
                dependency.initialize();
                lastSuccess.put(dependency.name(), clock.nanoTime());
                missing.remove(dependency.name());
                return true;
            } catch (Dependency.UnusableException e) {
                log.error("{}", e.getMessage());
                // on another thread, because closing the context waits for this one
                Thread.ofPlatform()
                        .start(() -> System.exit(SpringApplication.exit(context, () -> 1)));
                return false;
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                if (failures % ATTEMPTS_PER_WARNING == 0)
                    log.warn("Waiting for {}: {}", dependency.name(), e.toString());
            }
            Thread.sleep(intervals.retry());
        }
        return false;
    }

    private void watch(Dependency dependency) throws InterruptedException {
        boolean down = false;
        while (true) {
            Thread.sleep(intervals.probe());
            if (!running) return;
            try {
                dependency.probe();
                lastSuccess.put(dependency.name(), clock.nanoTime());
                if (down) log.info("{} responds again", dependency.name());
                down = false;
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                lastSuccess.remove(dependency.name());
                if (!down && running)
                    log.warn("{} does not respond: {}", dependency.name(), e.toString());
                down = true;
            }
        }
    }
}
