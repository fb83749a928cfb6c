package dev.tomp3.platform;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.util.PlaceholderResolutionException;

/** The configuration does not allow a start. The message names the environment variable. */
public final class InvalidConfiguration extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public InvalidConfiguration(String message) {
        super(message);
    }

    /**
     * Asks for what has no default.
     *
     * @param property as it stands in {@code application.yml}
     * @param name of the environment variable
     * @throws InvalidConfiguration when nothing is set
     */
    public static void require(Environment environment, String property, String name) {
        if (value(environment, property).isBlank())
            throw new InvalidConfiguration(name + " is not set, and it has no default");
    }

    private static String value(Environment environment, String property) {
        try {
            @Nullable String value = environment.getProperty(property);
            return value == null ? "" : value;
        } catch (PlaceholderResolutionException e) {
            return "";
        }
    }

    /** Prints the message alone, without a stack trace. */
    @Order(Ordered.HIGHEST_PRECEDENCE)
    static final class Analyzer extends AbstractFailureAnalyzer<InvalidConfiguration> {
        @Override
        protected @Nullable FailureAnalysis analyze(Throwable root, InvalidConfiguration cause) {
            return new FailureAnalysis(String.valueOf(cause.getMessage()), null, cause);
        }
    }
}
