package dev.tomp3.chaos;

/** The four programs. */
enum Service {
    AUTH("auth-service", "dev.tomp3.auth.AuthService"),
    GATEWAY("gateway-service", "dev.tomp3.gateway.GatewayService"),
    CONVERTER("converter-service", "dev.tomp3.converter.ConverterService"),
    NOTIFICATION("notification-service", "dev.tomp3.notification.NotificationService");

    /** The directory that its jar was extracted to. */
    final String directory;

    final String main;

    Service(String directory, String main) {
        this.directory = directory;
        this.main = main;
    }

    @Override
    public String toString() {
        return switch (this) {
            case AUTH -> "auth";
            case GATEWAY -> "gateway";
            case CONVERTER -> "converter";
            case NOTIFICATION -> "notification";
        };
    }
}
