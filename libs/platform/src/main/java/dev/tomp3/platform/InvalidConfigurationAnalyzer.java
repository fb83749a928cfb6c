package dev.tomp3.platform;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.validation.BindValidationException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.convert.ConversionException;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.FieldError;
import org.springframework.validation.ObjectError;

/**
 * Explains a configuration with which a service cannot start in one sentence that begins with the
 * environment variable, without a stack trace. Values of secrets are not shown.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
public final class InvalidConfigurationAnalyzer implements FailureAnalyzer {
    private final ConfigurableEnvironment environment;

    /** Explains a failure by the names of the variables in this environment. */
    public InvalidConfigurationAnalyzer(Environment environment) {
        this.environment = (ConfigurableEnvironment) environment;
    }

    @Override
    public @Nullable FailureAnalysis analyze(Throwable failure) {
        return find(failure, InvalidConfiguration.class)
                .map(e -> String.valueOf(e.getMessage()))
                .or(() -> find(failure, BindException.class).flatMap(this::describe))
                .map(message -> new FailureAnalysis(message, null, failure))
                .orElse(null);
    }

    private Optional<String> describe(BindException e) {
        Optional<BindValidationException> invalid = find(e, BindValidationException.class);
        if (invalid.isPresent()) {
            return Optional.of(
                    invalid.get().getValidationErrors().getAllErrors().stream()
                            .map(error -> describe(e, error))
                            .sorted()
                            .collect(Collectors.joining("\n")));
        }
        if (e.getProperty() == null || find(e, ConversionException.class).isEmpty())
            return Optional.empty();
        String property = e.getName().toString();
        @Nullable String value = environment.getProperty(property);
        return new EnvironmentVariables(environment)
                .of(property)
                .flatMap(variable ->
                        expected(e.getTarget().getType().toClass())
                                .map(type ->
                                        variable + " is not " + type + shown(variable, value)));
    }

    /** A constraint on several properties has no variable of its own; its message names them. */
    private String describe(BindException e, ObjectError error) {
        if (!(error instanceof FieldError field)) return String.valueOf(error.getDefaultMessage());
        return new EnvironmentVariables(environment)
                .of(e.getName() + "." + field.getField())
                .map(variable ->
                        variable
                                + " "
                                + error.getDefaultMessage()
                                + shown(variable, field.getRejectedValue()))
                .orElse(String.valueOf(error.getDefaultMessage()));
    }

    private static Optional<String> expected(Class<?> type) {
        if (type.isEnum()) {
            return Optional.of(
                    Arrays.stream(type.getEnumConstants())
                            .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
                            .collect(Collectors.joining(", ", "one of ", "")));
        }
        if (type == Duration.class) return Optional.of("a duration such as 30s, 15m, 24h or 7d");
        if (type == DataSize.class) return Optional.of("a size such as 500KB, 20MB or 4GB");
        if (type == int.class || type == Integer.class || type == long.class)
            return Optional.of("a whole number");
        return Optional.empty();
    }

    private static String shown(String variable, @Nullable Object value) {
        return value == null || variable.matches(".*(PASSWORD|SECRET|URI).*") ? "" : ": " + value;
    }

    private static <T extends Throwable> Optional<T> find(Throwable failure, Class<T> type) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) return Optional.of(type.cast(cause));
        }
        return Optional.empty();
    }
}
