package dev.tomp3.standalone;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the process ends, whoever ends it: by a signal, by {@link System#exit}, or because a service
 * gave up. What was begun last is undone first, and the exit status is the one that was set, also
 * after a signal, for which the JVM would choose another.
 */
final class Ending {
    /** What must be undone. */
    interface Step {
        void run() throws Exception;
    }

    private final Deque<Step> steps = new ArrayDeque<>();
    private volatile int status;
    private volatile boolean expected;
    private volatile boolean begun;

    /**
     * Takes over the end of this process.
     *
     * @param status the exit status after a signal
     */
    Ending(int status) {
        this.status = status;
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    begun = true;
                                    undo();
                                    Runtime.getRuntime().halt(this.status);
                                },
                                "ending"));
    }

    void status(int status) {
        this.status = status;
    }

    /** Ends the process. */
    void exit(int status) {
        this.status = status;
        expected = true;
        System.exit(status);
    }

    /** Whether a signal ends the process, and not {@link #exit}. */
    boolean unexpected() {
        return begun && !expected;
    }

    synchronized void add(Step step) {
        steps.push(step);
    }

    private synchronized void undo() {
        for (Step step : steps) {
            try {
                step.run();
            } catch (Exception e) {
                Logger log = LoggerFactory.getLogger(Ending.class);
                log.error("something is left behind: {}", e.toString());
            }
        }
    }
}
