package dev.tomp3.converter.conversion;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Makes the head of an MP3 while its sound is decoded and encoded in segments: it needs the
 * complete file, but not the sound. An upload may arrive meanwhile. Neither thread nor process
 * outlives {@link #close}.
 */
final class HeadRun implements AutoCloseable {
    private static final Duration POLL_INTERVAL = Duration.ofMillis(20);

    /** Makes the head of a complete source. */
    interface Maker {
        Transcode make(ConversionTask task)
                throws ConversionFailed, IOException, InterruptedException;
    }

    private final FutureTask<Transcode> head;
    private final Thread thread;

    HeadRun(ConversionTask task, Maker maker) {
        head =
                new FutureTask<>(() -> {
                    while (!task.source().isComplete()) Thread.sleep(POLL_INTERVAL);
                    return maker.make(task.withTimeFromNow());
                });
        thread = Thread.ofVirtual().name("head").start(head);
    }

    /** Waits for the end of the upload, and of the run. */
    Transcode await() throws ConversionFailed, IOException, InterruptedException {
        try {
            return head.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case ConversionFailed cause -> throw cause;
                case IOException cause -> throw cause;
                case null, default ->
                        throw new IllegalStateException("The head was not made", e.getCause());
            }
        }
    }

    @Override
    public void close() {
        boolean interrupted = Thread.interrupted();
        thread.interrupt();
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
