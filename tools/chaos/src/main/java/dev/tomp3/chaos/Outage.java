package dev.tomp3.chaos;

import dev.tomp3.chaos.Client.Answer;
import dev.tomp3.chaos.Violation.Kind;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Sends requests while a dependency is unavailable, and checks how they are answered. */
final class Outage {
    /** The limit for an answer that rejects a request. */
    private static final Duration REJECTION_LIMIT = Duration.ofSeconds(3);

    /** The limit for every answer. */
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

    private final Deployment tomp3;
    private final Ledger ledger;
    private final Client observer;
    private final Upload known;
    private final Sample small;
    private final Random random;

    /**
     * @param known a job of the observer that is done
     */
    Outage(
            Deployment tomp3,
            Ledger ledger,
            Client observer,
            Upload known,
            Sample small,
            Random random) {
        this.tomp3 = tomp3;
        this.ledger = ledger;
        this.observer = observer;
        this.known = known;
        this.small = small;
        this.random = random;
    }

    private interface Request {
        Answer send() throws IOException, InterruptedException;
    }

    /** Sends all kinds of requests during an outage, and checks the answers. */
    void observe(Dependency away, Duration duration) throws Exception {
        long start = System.nanoTime();
        Thread.sleep(300); // requests in progress at its start may end either way
        URI gateway = tomp3.gateways().get(random.nextInt(2));
        Map<String, Request> requests =
                Map.of(
                        "GET /jobs",
                        () -> observer.get(gateway, "/jobs"),
                        "GET /jobs/{id}",
                        () -> observer.get(gateway, "/jobs/" + known.id),
                        "GET /download",
                        () -> observer.download(gateway, known.id),
                        "POST /login",
                        () -> observer.login(gateway),
                        "POST /upload",
                        () -> {
                            Answer answer = observer.upload(gateway, small, null);
                            if (answer.status() == 202)
                                ledger.accepted(observer, small, null, answer.json());
                            return answer;
                        });
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> tasks = new ArrayList<>();
            for (Map.Entry<String, Request> request : requests.entrySet()) {
                Callable<?> task =
                        () -> {
                            while (System.nanoTime() - start < duration.toNanos()) {
                                check(away, request.getKey(), request.getValue());
                                Thread.sleep(request.getKey().equals("POST /upload") ? 1000 : 300);
                            }
                            return null;
                        };
                tasks.add(threads.submit(task));
            }
            for (Future<?> each : tasks) each.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        long rest = duration.toMillis() - (System.nanoTime() - start) / 1_000_000;
        if (rest > 0) Thread.sleep(rest);
    }

    private void check(Dependency away, String what, Request request) throws InterruptedException {
        long start = System.nanoTime();
        @Nullable Duration took = null;
        boolean rejected = true;
        try {
            Answer answer = request.send();
            took = since(start);
            rejected = answer.status() == 503;
            int[] expected = expected(away, what);
            // a busy machine may cause a single 503
            if (answer.status() == 503 && !answer.in(expected)) answer = request.send();
            if (!answer.in(expected)) {
                ledger.report(
                        Kind.WRONG,
                        "%s while %s was unavailable: %d, not %s"
                                .formatted(what, away, answer.status(), Arrays.toString(expected)));
            }
        } catch (IOException e) {
            ledger.report(Kind.WRONG, "%s while %s was unavailable: %s".formatted(what, away, e));
        }
        if (took == null) took = since(start);
        if (took.compareTo(ANSWER_LIMIT) > 0) {
            ledger.report(
                    Kind.STUCK, "%s took %s while %s was unavailable".formatted(what, took, away));
        } else if (rejected && took.compareTo(REJECTION_LIMIT) > 0) {
            ledger.report(
                    Kind.SLOW, "%s took %s while %s was unavailable".formatted(what, took, away));
        }
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** The expected statuses. The token of the observer was validated recently, so it may read. */
    private static int[] expected(Dependency away, String what) {
        int[] answered = {200};
        return switch (away) {
            case MONGODB -> what.equals("POST /login") ? answered : new int[] {503};
            case BROKER -> what.equals("POST /upload") ? new int[] {202} : answered;
            case DISK -> what.equals("POST /upload") ? new int[] {507} : answered;
            case MYSQL, AUTH ->
                    switch (what) {
                        case "POST /login" -> new int[] {503};
                        case "POST /upload" -> new int[] {202, 503};
                        default -> answered;
                    };
        };
    }
}
