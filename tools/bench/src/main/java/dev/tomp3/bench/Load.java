package dev.tomp3.bench;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Sends one request repeatedly on a few persistent connections. */
final class Load {
    private Load() {}

    /** The number of requests, all with the expected status, and the bytes of all responses. */
    record Done(long requests, long bytes, double seconds) {
        double aSecond() {
            return requests / seconds;
        }
    }

    static Done run(URI address, String request, int status, int connections, Duration time)
            throws IOException, InterruptedException {
        AtomicLong requests = new AtomicLong();
        AtomicLong bytes = new AtomicLong();
        Queue<IOException> errors = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        long start = System.nanoTime();
        for (int i = 0; i < connections; i++) {
            threads.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                try (Connection connection = new Connection(address)) {
                                    while (System.nanoTime() - start < time.toNanos()) {
                                        connection.send(request);
                                        Connection.Answer answer = connection.answer(false);
                                        if (answer.status() != status)
                                            throw new IOException(
                                                    "unexpected status " + answer.status());
                                        requests.incrementAndGet();
                                        bytes.addAndGet(answer.length());
                                    }
                                } catch (IOException e) {
                                    errors.add(e);
                                }
                            }));
        }
        for (Thread thread : threads) thread.join();
        if (!errors.isEmpty()) throw new IOException("a request failed", errors.peek());
        return new Done(requests.get(), bytes.get(), User.since(start));
    }
}
