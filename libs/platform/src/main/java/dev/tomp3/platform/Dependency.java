package dev.tomp3.platform;

/**
 * What a service does when it reaches a back end for the first time: asking for a sign of life, and
 * laying out what it needs there. Repeated each second until it succeeds, and then never again;
 * from then on the back end is only asked whether it still answers.
 */
public interface Dependency {
    /** The back end's name, as it stands in the health answer. */
    String name();

    /**
     * Fails as long as the back end cannot be reached.
     *
     * @throws CannotStart when waiting does not help and a person must act
     */
    void make() throws Exception;

    /**
     * Asks for a sign of life, every few seconds, for the metrics.
     *
     * @throws Exception when there is none
     */
    void check() throws Exception;

    /** Ends the process. The message says what to do. */
    final class CannotStart extends Exception {
        private static final long serialVersionUID = 1L;

        public CannotStart(String message) {
            super(message);
        }
    }
}
