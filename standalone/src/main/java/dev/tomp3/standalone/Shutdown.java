package dev.tomp3.standalone;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shutdown of this process, whether a signal, {@link #exit} or a service that gave up causes
 * it.
 *
 * <p>Cleanup actions run in reverse order of their registration. The process then ends with the
 * exit status that was set, also after a signal, for which the JVM would choose another.
 */
final class Shutdown {
    interface Action {
        void run() throws Exception;
    }

    private final Deque<Action> actions = new ArrayDeque<>();
    private volatile int status;
    private volatile Runnable onInterrupt = () -> {};
    private volatile boolean requested;
    private volatile boolean started;

    /**
     * Registers the shutdown hook.
     *
     * @param status the exit status after a signal
     */
    Shutdown(int status) {
        this.status = status;
        Runtime.getRuntime().addShutdownHook(new Thread(this::run, "shutdown"));
    }

    void status(int status) {
        this.status = status;
    }

    /** Ends the process. */
    void exit(int status) {
        this.status = status;
        requested = true;
        System.exit(status);
    }

    /** Whether the process is ending without a call of {@link #exit}, that is, after a signal. */
    boolean interrupted() {
        return started && !requested;
    }

    /** Registers what runs first if a signal ends the process. */
    void onInterrupt(Runnable first) {
        onInterrupt = first;
    }

    synchronized void add(Action action) {
        actions.push(action);
    }

    private void run() {
        started = true;
        if (interrupted()) onInterrupt.run();
        runActions();
        Runtime.getRuntime().halt(status);
    }

    private synchronized void runActions() {
        for (Action action : actions) {
            try {
                action.run();
            } catch (Exception e) {
                Logger log = LoggerFactory.getLogger(Shutdown.class);
                log.error("Cleanup failed: {}", e.toString());
            }
        }
    }
}
