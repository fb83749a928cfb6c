package dev.tomp3.platform;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.util.PlaceholderResolutionException;

/**
 * The environment variables that set the properties of {@code application.yml}: {@code token-ttl:
 * ${TOKEN_TTL:24h}} is set by {@code TOKEN_TTL}, so that an error can name what the operator wrote.
 */
final class EnvironmentVariables {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]*)(:.*)?}");

    private record Variable(String name, boolean required) {}

    private final ConfigurableEnvironment environment;
    private final Map<String, Variable> byProperty = new HashMap<>();

    EnvironmentVariables(ConfigurableEnvironment environment) {
        this.environment = environment;
        for (PropertySource<?> source : environment.getPropertySources()) {
            if (!(source instanceof OriginTrackedMapPropertySource file)) continue;
            for (String property : file.getPropertyNames()) {
                Matcher placeholder =
                        PLACEHOLDER.matcher(String.valueOf(file.getProperty(property)));
                if (placeholder.matches()) {
                    byProperty.put(
                            property,
                            new Variable(placeholder.group(1), placeholder.group(2) == null));
                }
            }
        }
    }

    /** The variable that sets this property or list, however its name is spelled. */
    Optional<String> of(String property) {
        return byProperty.entrySet().stream()
                .filter(entry -> uniform(entry.getKey()).equals(uniform(property)))
                .map(entry -> entry.getValue().name())
                .findFirst();
    }

    private static String uniform(String property) {
        String list = property.replaceFirst("\\[\\d+]$", "");
        return list.replace("-", "").toLowerCase(Locale.ROOT);
    }

    /**
     * @throws InvalidConfiguration when a variable without a default is missing or blank
     */
    void requireAll() {
        byProperty.forEach((property, variable) -> {
            if (variable.required() && value(property).isBlank())
                throw new InvalidConfiguration(
                        variable.name() + " is not set, and it has no default");
        });
    }

    private String value(String property) {
        try {
            @Nullable String value = environment.getProperty(property);
            return value == null ? "" : value;
        } catch (PlaceholderResolutionException e) {
            return "";
        }
    }
}
