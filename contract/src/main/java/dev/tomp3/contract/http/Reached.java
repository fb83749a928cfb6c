package dev.tomp3.contract.http;

import java.time.Duration;
import java.util.List;
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
 */
final class Reached implements HealthIndicator, SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(Reached.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final ConfigurableApplicationContext context;
    private final List<FirstContact> contacts;
    private final Set<String> missing = ConcurrentHashMap.newKeySet();
    private volatile boolean running;

    Reached(ConfigurableApplicationContext context, List<FirstContact> contacts) {
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
    public void start() {
        running = true;
        contacts.forEach(contact ->
                Thread.ofVirtual().name("reach-" + contact.name()).start(() -> reach(contact)));
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private void reach(FirstContact contact) {
        for (int failures = 0; running; failures++) {
            try {
                contact.make();
                missing.remove(contact.name());
                return;
            } catch (FirstContact.CannotStart e) {
                log.error("{}", e.getMessage());
                // not from this thread: closing the context waits for it
                Thread.ofPlatform()
                        .start(() -> System.exit(SpringApplication.exit(context, () -> 1)));
                return;
            } catch (InterruptedException e) {
                return;
            } catch (Exception e) {
                if (failures % 30 == 0)
                    log.warn("Waiting for {}: {}", contact.name(), e.toString());
            }
            try {
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                return;
            }
        }
    }
}
