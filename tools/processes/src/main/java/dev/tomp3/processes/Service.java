package dev.tomp3.processes;

import java.util.Locale;

/** The four services. */
public enum Service {
    AUTH("auth-service", "dev.tomp3.auth.AuthService", "AUTH_PORT"),
    GATEWAY("gateway-service", "dev.tomp3.gateway.GatewayService", "GATEWAY_PORT"),
    CONVERTER("converter-service", "dev.tomp3.converter.ConverterService", "METRICS_PORT"),
    NOTIFICATION(
            "notification-service", "dev.tomp3.notification.NotificationService", "METRICS_PORT");

    /** The directory to which its jar was extracted. */
    final String directory;

    final String main;

    /** The environment variable that sets its port. */
    public final String portVariable;

    Service(String directory, String main, String portVariable) {
        this.directory = directory;
        this.main = main;
        this.portVariable = portVariable;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
