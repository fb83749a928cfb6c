package dev.tomp3.platform;

/**
 * A server that a service depends on. {@link DependencyReadiness} initializes it in the background,
 * again and again until that succeeds once, and then probes it for as long as the service runs.
 */
public interface Dependency {
    /** The name in the health response and in the metric {@code back_end_up}. */
    String name();

    /**
     * Connects for the first time and creates what the service needs there, such as indexes or
     * queues.
     *
     * @throws UnusableException when a retry cannot help and an operator must act
     * @throws Exception when the dependency cannot be reached yet
     */
    void initialize() throws Exception;

    /** What {@link #initialize} is doing now, for the health response. */
    default String activity() {
        return "connecting";
    }

    /**
     * Checks that the dependency responds. Called every few seconds.
     *
     * @throws Exception when it does not
     */
    void probe() throws Exception;

    /** Ends the process. The message says what the operator has to do. */
    final class UnusableException extends Exception {
        private static final long serialVersionUID = 1L;

        public UnusableException(String message) {
            super(message);
        }
    }
}
