package dev.tomp3.jobs;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Calls made at the same moment by several threads. */
final class Race {
    static final int ROUNDS = 25;

    private Race() {}

    static <T> List<T> between(Callable<T> one, Callable<T> other) throws Exception {
        return of(List.of(one, other));
    }

    /** The results in the order of the calls. */
    static <T> List<T> of(List<Callable<T>> calls) throws Exception {
        CyclicBarrier start = new CyclicBarrier(calls.size());
        List<Callable<T>> ready = new ArrayList<>();
        for (Callable<T> call : calls) {
            ready.add(() -> {
                start.await();
                return call.call();
            });
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(calls.size())) {
            List<T> results = new ArrayList<>();
            for (Future<T> result : threads.invokeAll(ready)) results.add(result.get());
            return results;
        }
    }
}
