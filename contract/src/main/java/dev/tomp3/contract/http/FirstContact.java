package dev.tomp3.contract.http;

/**
 * What a service does when it reaches a back end for the first time: asking for a sign of life, and
 * laying out what it needs there. Repeated each second until it succeeds, and then never again.
 */
public interface FirstContact {
    /** The back end's name, as it stands in the health answer. */
    String name();

    /**
     * Fails as long as the back end cannot be reached.
     *
     * @throws CannotStart when waiting does not help and a person must act
     */
    void make() throws Exception;

    /** Ends the process. The message says what to do. */
    final class CannotStart extends Exception {
        private static final long serialVersionUID = 1L;

        public CannotStart(String message) {
            super(message);
        }
    }
}
