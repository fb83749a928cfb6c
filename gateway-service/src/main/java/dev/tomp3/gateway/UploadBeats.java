package dev.tomp3.gateway;

import dev.tomp3.jobs.Jobs;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * Says of every upload under way that it lives, so that the sweep can tell those whose gateway
 * died.
 */
@Component
class UploadBeats implements DisposableBean {
    private static final Logger log = LoggerFactory.getLogger(UploadBeats.class);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final Jobs jobs;
    private final Set<String> uploads = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService executor =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("upload-beats").daemon().factory());

    UploadBeats(Jobs jobs) {
        this.jobs = jobs;
        ScheduledFuture<?> _ =
                executor.scheduleWithFixedDelay(
                        this::beat, PAUSE.toMillis(), PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    }

    void began(String id) {
        uploads.add(id);
    }

    void ended(String id) {
        uploads.remove(id);
    }

    @Override
    public void destroy() {
        executor.shutdownNow();
    }

    private void beat() {
        for (String id : uploads) {
            try {
                jobs.touchUpload(id);
            } catch (RuntimeException e) { // one that escaped would end all later beats
                log.debug("Upload {} could not be kept alive: {}", id, e.toString());
                return; // the store is away, for the others too
            }
        }
    }
}
