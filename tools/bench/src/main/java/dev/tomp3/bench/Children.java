package dev.tomp3.bench;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Every process that was started here; none outlives this one, if it is not killed itself. */
final class Children {
    private static final int SECONDS_TO_STOP = 40;
    private static final Set<Process> ALL = ConcurrentHashMap.newKeySet();
    private static volatile boolean over;

    private Children() {}

    static Process add(Process process) {
        ALL.add(process);
        if (over) {
            process.destroyForcibly();
            throw new IllegalStateException("told to end");
        }
        return process;
    }

    /** SIGTERM, and SIGKILL when that does not help. Returns when it has ended. */
    static void end(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(SECONDS_TO_STOP, TimeUnit.SECONDS)) process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        ALL.remove(process);
    }

    static boolean over() {
        return over;
    }

    /** Nothing is started from now on. */
    static void endAll() {
        over = true;
        ALL.forEach(Process::destroy);
        ALL.forEach(Children::end);
    }
}
