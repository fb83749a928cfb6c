package dev.tomp3.processes;

/** A command line that cannot be understood. */
public final class UsageError extends Exception {
    private static final long serialVersionUID = 1;

    public UsageError(String message) {
        super(message);
    }
}
