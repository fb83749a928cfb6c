package dev.tomp3.standalone;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * Libraries that only some of the services use, identified by the packages of their
 * auto-configurations.
 */
enum AutoConfigurationGroup {
    SQL,
    MONGODB,
    AMQP,
    SECURITY,
    OPENAPI;

    static Optional<AutoConfigurationGroup> of(String autoConfiguration) {
        return Stream.of(values())
                .filter(group -> group.packages().anyMatch(autoConfiguration::startsWith))
                .findFirst();
    }

    private Stream<String> packages() {
        return switch (this) {
            case SQL ->
                    Stream.of(
                            "org.springframework.boot.jdbc.",
                            "org.springframework.boot.data.jpa.",
                            "org.springframework.boot.hibernate.",
                            "org.springframework.boot.flyway.",
                            "org.springframework.boot.sql.");
            case MONGODB ->
                    Stream.of(
                            "org.springframework.boot.mongodb.",
                            "org.springframework.boot.data.mongodb.");
            case AMQP -> Stream.of("org.springframework.boot.amqp.");
            case SECURITY -> Stream.of("org.springframework.boot.security.");
            case OPENAPI -> Stream.of("org.springdoc.");
        };
    }
}
