package dev.tomp3.chaos;

import java.time.Duration;

/**
 * Something that goes wrong.
 *
 * @param name as the table has it
 * @param figure what has a limit: how soon the jobs under way go on, or how soon the system does
 *     all its work again
 * @param limit of that figure
 */
record Fault(String name, Figure figure, Duration limit, Injection injection) {
    /** Nothing may take longer to come back by itself. */
    static final Duration BY_ITSELF = Duration.ofSeconds(60);

    enum Figure {
        JOBS_GO_ON,
        SYSTEM_WORKS
    }

    interface Injection {
        /**
         * Does it, and returns when nothing more is done to the system.
         *
         * @return {@link System#nanoTime} when recovery could begin
         */
        long run() throws Exception;
    }

    /** A lost worker's jobs run again within so long. */
    static Fault ofWorker(String name, Injection injection) {
        return new Fault(name, Figure.JOBS_GO_ON, Duration.ofSeconds(15), injection);
    }

    /** The broker's return is noticed within so long. */
    static Fault ofBroker(String name, Injection injection) {
        return new Fault(name, Figure.SYSTEM_WORKS, Duration.ofSeconds(10), injection);
    }

    static Fault other(String name, Injection injection) {
        return new Fault(name, Figure.SYSTEM_WORKS, BY_ITSELF, injection);
    }
}
