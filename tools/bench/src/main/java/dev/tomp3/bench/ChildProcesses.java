package dev.tomp3.bench;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The processes started by this JVM. They end with it, unless it is killed with SIGKILL. */
final class ChildProcesses {
    private static final int SECONDS_TO_STOP = 40;
    private static final Set<Process> ALL = ConcurrentHashMap.newKeySet();
    private static volatile boolean shutDown;

    private ChildProcesses() {}

    static Process add(Process process) {
        ALL.add(process);
        if (shutDown) {
            process.destroyForcibly();
            throw new IllegalStateException("shutting down");
        }
        return process;
    }

    /**
     * Sends SIGTERM, and SIGKILL if the process does not end in time. Returns when it has ended.
     */
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

    static boolean shutDown() {
        return shutDown;
    }

    /** Ends all processes, and prevents further starts. */
    static void endAll() {
        shutDown = true;
        ALL.forEach(Process::destroy);
        ALL.forEach(ChildProcesses::end);
    }
}
