package dev.tomp3.gateway;

import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Configures HTTPS if {@code TLS_CERT} is set; {@code application.yml} cannot say "if". New files
 * take effect for new connections within half a minute. While they cannot be used, or do not belong
 * together, the earlier ones stay.
 */
final class TlsEnvironment implements EnvironmentPostProcessor {
    private static final String BUNDLE = "spring.ssl.bundle.pem.gateway.";

    @Override
    public void postProcessEnvironment(
            ConfigurableEnvironment environment, SpringApplication application) {
        String certificate = environment.getProperty("TLS_CERT", "");
        if (certificate.isEmpty()) return;
        environment
                .getPropertySources()
                .addLast(
                        new MapPropertySource(
                                "tls",
                                Map.of(
                                        "server.ssl.bundle",
                                        "gateway",
                                        "management.server.ssl.enabled",
                                        false,
                                        BUNDLE + "reload-on-update",
                                        true,
                                        BUNDLE + "keystore.certificate",
                                        certificate,
                                        BUNDLE + "keystore.private-key",
                                        environment.getProperty("TLS_KEY", ""),
                                        BUNDLE + "keystore.verify-keys",
                                        true)));
    }
}
