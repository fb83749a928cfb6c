package dev.tomp3.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.ClassPathResource;

class ConfigurationTest {
    private static final Pattern NAME = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]*)(?::([^}]*))?}");

    @Test
    void takes_these_environment_variables_with_these_defaults() throws IOException {
        String text =
                new ClassPathResource("application.yml")
                        .getContentAsString(StandardCharsets.UTF_8)
                        .replaceAll("(?m)^# .*$", "");
        Map<String, String> names = new TreeMap<>();
        Matcher matcher = NAME.matcher(text);
        while (matcher.find()) {
            String fallback = matcher.group(2) == null ? "required" : matcher.group(2);
            assertThat(names.put(matcher.group(1), fallback)).as(matcher.group(1)).isNull();
        }
        assertThat(names)
                .containsExactlyInAnyOrderEntriesOf(
                        Map.ofEntries(
                                Map.entry("AUTH_PORT", "5000"),
                                Map.entry("BIND", ""),
                                Map.entry("MYSQL_HOST", "localhost"),
                                Map.entry("MYSQL_PORT", "3306"),
                                Map.entry("MYSQL_DB", "auth"),
                                Map.entry("MYSQL_USER", "auth"),
                                Map.entry("MYSQL_PASSWORD", "required"),
                                Map.entry("MYSQL_TLS", "preferred"),
                                Map.entry("MYSQL_MIGRATION_USER", "${spring.datasource.username"),
                                Map.entry(
                                        "MYSQL_MIGRATION_PASSWORD", "${spring.datasource.password"),
                                Map.entry("METRICS_PORT", ""),
                                Map.entry("JWT_KEYS_DIR", "required"),
                                Map.entry("TOKEN_TTL", "24h"),
                                Map.entry("REGISTRATION", "closed"),
                                Map.entry("MAX_REGISTRATIONS_PER_HOUR", "300"),
                                Map.entry("MAX_CONNECTIONS_PER_ADDRESS", "256"),
                                Map.entry("MAX_LOGINS_PER_MINUTE", "30"),
                                Map.entry("ADMIN_EMAIL", ""),
                                Map.entry("ADMIN_PASSWORD", ""),
                                Map.entry("TRUSTED_PROXIES", "127.0.0.0/8,::1")));
    }
}
