package dev.tomp3.standalone;

import java.util.Optional;
import java.util.stream.Stream;

/** What some services use and others must not see, by the packages of its auto-configurations. */
enum Technology {
    RELATIONAL,
    DOCUMENTS,
    QUEUES,
    SECURITY,
    API_DOCS;

    static Optional<Technology> of(String autoConfiguration) {
        return Stream.of(values())
                .filter(technology -> technology.packages().anyMatch(autoConfiguration::startsWith))
                .findFirst();
    }

    private Stream<String> packages() {
        return switch (this) {
            case RELATIONAL ->
                    Stream.of(
                            "org.springframework.boot.jdbc.",
                            "org.springframework.boot.data.jpa.",
                            "org.springframework.boot.hibernate.",
                            "org.springframework.boot.flyway.",
                            "org.springframework.boot.sql.");
            case DOCUMENTS ->
                    Stream.of(
                            "org.springframework.boot.mongodb.",
                            "org.springframework.boot.data.mongodb.");
            case QUEUES -> Stream.of("org.springframework.boot.amqp.");
            case SECURITY -> Stream.of("org.springframework.boot.security.");
            case API_DOCS -> Stream.of("org.springdoc.");
        };
    }
}
