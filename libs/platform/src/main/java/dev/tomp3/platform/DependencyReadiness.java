package dev.tomp3.platform;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;

/**
 * Ready is a service that has reached each of its back ends once. A later outage shows in the
 * answers and in the health details but not here: otherwise one hiccup of a store would take every
 * replica out of service at the same time.
 *
 * <p>{@code back_end_up{back_end}} says how each one is now: 1 when it answered lately, be somebody
 * asking for the metrics or not, so that a back end which hangs holds up no scrape.
 */
final class DependencyReadiness implements HealthIndicator, MeterBinder, SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(DependencyReadiness.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration BETWEEN_CHECKS = Duration.ofSeconds(10);

    /** An answer holds for so long: one that is waited for longer is none. */
    private static final Duration FRESH = Duration.ofSeconds(25);

    private final ConfigurableApplicationContext context;
    private final List<Dependency> contacts;
    private final Set<String> missing = ConcurrentHashMap.newKeySet();
    private final Map<String, Long> answered = new ConcurrentHashMap<>();
    private volatile boolean running;

    DependencyReadiness(ConfigurableApplicationContext context, List<Dependency> contacts) {
        this.context = context;
        this.contacts = contacts;
        contacts.forEach(contact -> missing.add(contact.name()));
    }

    @Override
    public Health health() {
        return missing.isEmpty()
                ? Health.up().build()
                : Health.outOfService().withDetail("missing", missing).build();
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (Dependency contact : contacts) {
            Gauge.builder("back.end.up", () -> up(contact.name()) ? 1 : 0)
                    .description("1 when the back end answers")
                    .tag("back_end", contact.name())
                    .register(registry);
        }
    }

    private boolean up(String name) {
        Long at = answered.get(name);
        return at != null && System.nanoTime() - at < FRESH.toNanos();
    }

    @Override
    public void start() {
        running = true;
        contacts.forEach(contact ->
                Thread.ofVirtual()
                        .name("reach-" + contact.name())
                        .start(() -> {
                            try {
                                if (reach(contact)) watch(contact);
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

    /** Returns false when it is not to be reached any more. */
    private boolean reach(Dependency contact) throws InterruptedException {
        for (int failures = 0; running; failures++) {
            try {
                contact.make();
                answered.put(contact.name(), System.nanoTime());
                missing.remove(contact.name());
                return true;
            } catch (Dependency.CannotStart e) {
                log.error("{}", e.getMessage());
                // not from this thread: closing the context waits for it
                Thread.ofPlatform()
                        .start(() -> System.exit(SpringApplication.exit(context, () -> 1)));
                return false;
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                if (failures % 30 == 0)
                    log.warn("Waiting for {}: {}", contact.name(), e.toString());
            }
            Thread.sleep(PAUSE);
        }
        return false;
    }

    private void watch(Dependency contact) throws InterruptedException {
        boolean away = false;
        while (true) {
            Thread.sleep(BETWEEN_CHECKS);
            if (!running) return;
            try {
                contact.check();
                answered.put(contact.name(), System.nanoTime());
                if (away) log.info("{} answers again", contact.name());
                away = false;
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                answered.remove(contact.name());
                if (!away && running)
                    log.warn("{} does not answer: {}", contact.name(), e.toString());
                away = true;
            }
        }
    }
}
