package dev.tomp3.chaos;

import java.time.Duration;

/**
 * A fault.
 *
 * @param name as in the table
 * @param target which recovery time is limited: until the jobs in progress are resumed, or until
 *     the whole system works again
 * @param limit of that time
 */
record Fault(String name, Target target, Duration limit, Injection injection) {
    /** The limit for every recovery. */
    static final Duration RECOVERY_LIMIT = Duration.ofSeconds(60);

    enum Target {
        JOBS_RESUMED,
        SYSTEM_RECOVERED
    }

    interface Injection {
        /**
         * Injects the fault, and returns when it is over.
         *
         * @return the {@link System#nanoTime} at which the recovery could begin
         */
        long run() throws Exception;
    }

    /** A fault of a converter: its jobs are resumed within 15 s. */
    static Fault ofWorker(String name, Injection injection) {
        return new Fault(name, Target.JOBS_RESUMED, Duration.ofSeconds(15), injection);
    }

    /** A fault of the broker: the system works again 10 s after its return. */
    static Fault ofBroker(String name, Injection injection) {
        return new Fault(name, Target.SYSTEM_RECOVERED, Duration.ofSeconds(10), injection);
    }

    static Fault other(String name, Injection injection) {
        return new Fault(name, Target.SYSTEM_RECOVERED, RECOVERY_LIMIT, injection);
    }
}
