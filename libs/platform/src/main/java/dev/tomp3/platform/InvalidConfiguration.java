package dev.tomp3.platform;

/**
 * The service cannot start with its configuration. The message is for the operator and names the
 * environment variable. Constraints on single properties are annotations of Jakarta Validation;
 * this is for what only code can check.
 */
public final class InvalidConfiguration extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public InvalidConfiguration(String message) {
        super(message);
    }
}
