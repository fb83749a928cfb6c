package dev.tomp3.gateway;

import dev.tomp3.jobs.IncomingUploads;
import dev.tomp3.jobs.IncomingUploads.Progress;
import java.time.Duration;
import java.util.List;
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
 * Sends the heartbeat of every upload that this gateway receives, so that the sweeper can tell
 * which uploads have lost their gateway. A refused heartbeat ends the upload: its job was
 * cancelled, or a newer request continues it.
 */
@Component
class UploadHeartbeats implements DisposableBean {
    private static final Logger log = LoggerFactory.getLogger(UploadHeartbeats.class);
    private static final Duration INTERVAL = Duration.ofSeconds(2);

    private final IncomingUploads incoming;
    private final Set<InFlightUpload> uploads = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService executor =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("upload-heartbeats").daemon().factory());

    UploadHeartbeats(IncomingUploads incoming) {
        this.incoming = incoming;
        ScheduledFuture<?> _ =
                executor.scheduleWithFixedDelay(
                        this::send,
                        INTERVAL.toMillis(),
                        INTERVAL.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    void start(InFlightUpload upload) {
        uploads.add(upload);
    }

    void stop(InFlightUpload upload) {
        uploads.remove(upload);
    }

    @Override
    public void destroy() {
        executor.shutdownNow();
    }

    private void send() {
        List<InFlightUpload> running = List.copyOf(uploads);
        try {
            Set<String> ended =
                    incoming.heartbeat(
                            running.stream()
                                    .map(upload ->
                                            new Progress(
                                                    upload.job(), upload.received(), upload.safe()))
                                    .toList());
            running.stream()
                    .filter(upload -> ended.contains(upload.id()))
                    .forEach(InFlightUpload::revoke);
        } catch (RuntimeException e) { // an escaped exception would end all later runs
            log.debug("No heartbeats of {} uploads: {}", running.size(), e.toString());
        }
    }
}
