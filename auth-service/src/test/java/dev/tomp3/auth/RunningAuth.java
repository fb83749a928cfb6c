package dev.tomp3.auth;

import dev.tomp3.servers.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** The service on a free port, with open registration and one administrator. */
@SpringBootTest(
        classes = AuthService.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@Import(RunningAuth.Time.class)
abstract class RunningAuth {
    static final String ADMIN = "admin@localhost";
    static final String ADMIN_PASSWORD = "the administrator's";
    static final String PASSWORD = "correct horse";

    @LocalServerPort int port;
    @Autowired TestClock clock;
    @Autowired TestEncoder encoder;
    @Autowired JdbcCleaner cleaner;
    Api api;

    @DynamicPropertySource
    static void properties(DynamicPropertyRegistry registry) throws IOException {
        Path keys = Files.createTempDirectory("keys");
        TestKeys.write(keys, "a.pem", Instant.now());
        registry.add("JWT_KEYS_DIR", keys::toString);
        registry.add("REGISTRATION", () -> "open");
        // all tests together come from one address
        registry.add("MAX_LOGINS_PER_MINUTE", () -> "0");
        registry.add("ADMIN_EMAIL", () -> ADMIN);
        registry.add("ADMIN_PASSWORD", () -> ADMIN_PASSWORD);
        for (Map.Entry<String, String> property : TestDatabase.empty().settings().entrySet())
            registry.add(property.getKey(), property::getValue);
    }

    @TestConfiguration(proxyBeanMethods = false)
    static class Time {
        @Bean
        @Primary
        TestClock testClock() {
            return new TestClock();
        }

        @Bean
        @Primary
        TestEncoder testEncoder() {
            return new TestEncoder();
        }

        @Bean
        JdbcCleaner cleaner(JdbcClient jdbc) {
            return () -> {
                for (String table :
                        List.of(
                                "login_failures",
                                "login_successes",
                                "hourly_counts",
                                "api_keys",
                                "revoked_tokens")) jdbc.sql("DELETE FROM " + table).update();
                jdbc.sql("DELETE FROM users WHERE email <> ?").param(ADMIN).update();
            };
        }
    }

    interface JdbcCleaner {
        void clean();
    }

    @BeforeEach
    void startAfresh() {
        api = new Api(port);
        clock.reset();
        cleaner.clean();
    }

    @AfterEach
    void resetTime() {
        clock.reset();
    }

    /** Registers a user and returns the address. */
    String registered() {
        String email = "u" + UUID.randomUUID() + "@example.org";
        api.post("/register", Api.credentials(email, PASSWORD)).is(201);
        return email;
    }

    String adminToken() {
        return api.token(ADMIN, ADMIN_PASSWORD);
    }
}
