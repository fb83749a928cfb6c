package dev.tomp3.standalone;

import dev.tomp3.auth.AuthService;
import dev.tomp3.converter.ConverterService;
import dev.tomp3.gateway.GatewayService;
import dev.tomp3.notification.NotificationService;
import java.util.Locale;
import java.util.Objects;

/** The four applications. */
enum Service {
    AUTH(AuthService.class, "AUTH_PORT", 5000),
    GATEWAY(GatewayService.class, "GATEWAY_PORT", 8080),
    CONVERTER(ConverterService.class, "METRICS_PORT", 9100),
    NOTIFICATION(NotificationService.class, "METRICS_PORT", 9100);

    final Class<?> application;

    /** The environment variable that sets its port. */
    final String portVariable;

    final int defaultPort;

    Service(Class<?> application, String portVariable, int defaultPort) {
        this.application = application;
        this.portVariable = portVariable;
        this.defaultPort = defaultPort;
    }

    boolean uses(AutoConfigurationGroup group) {
        return switch (group) {
            case SQL -> this == AUTH;
            case MONGODB, AMQP -> this != AUTH;
            case SECURITY, OPENAPI -> this == AUTH || this == GATEWAY;
        };
    }

    /** The location of its application.yml: a directory of classes, a jar, or a nested jar. */
    String classpathRoot() {
        String file = application.getName().replace('.', '/') + ".class";
        String url =
                Objects.requireNonNull(application.getClassLoader().getResource(file), file)
                        .toString();
        return url.substring(0, url.length() - file.length());
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
