package dev.tomp3.auth;

import dev.tomp3.platform.Dependency;
import dev.tomp3.platform.HttpConfiguration;
import dev.tomp3.platform.NanoClock;
import java.time.Clock;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.security.crypto.argon2.Argon2PasswordEncoder;
import org.springframework.security.crypto.password.DelegatingPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.crypto.password.Pbkdf2PasswordEncoder;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.type.LogicalType;

@SpringBootApplication
@EnableConfigurationProperties(AuthProperties.class)
@EnableScheduling
@Import(HttpConfiguration.class)
public class AuthService {
    public static void main(String[] args) {
        SpringApplication.run(AuthService.class, args);
    }

    /** Reports wrong settings at once, and not after a wait for MySQL. */
    @Bean
    static BeanFactoryPostProcessor checkAuthSettings() {
        return beans -> {
            beans.getBean(AuthProperties.class);
            beans.getBean(SigningKeys.class);
        };
    }

    @Bean
    SchemaMigration migration(DataSource database, NanoClock clock) {
        return new SchemaMigration(database, clock);
    }

    @Bean
    SigningKeys signingKeys(AuthProperties properties, NanoClock clock) {
        return new SigningKeys(properties.jwtKeysDir(), SigningKeys.REFRESH_INTERVAL, clock);
    }

    /**
     * Argon2id with 19 MiB, two iterations and one lane, as OWASP's Password Storage Cheat Sheet
     * recommends. A stored hash names its algorithm: older ones are verified, and replaced at the
     * next login.
     */
    @Bean
    PasswordEncoder passwordEncoder() {
        return new DelegatingPasswordEncoder(
                "argon2",
                Map.of(
                        "argon2",
                        new Argon2PasswordEncoder(16, 32, 1, 19 * 1024, 2),
                        "pbkdf2",
                        Pbkdf2PasswordEncoder.defaultsForSpringSecurity_v5_8()));
    }

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    /** Rejects a JSON number where a string is expected, and the like, instead of converting it. */
    @Bean
    JsonMapperBuilderCustomizer strictJson() {
        return json -> {
            json.withCoercionConfig(
                    LogicalType.Textual,
                    texts ->
                            texts.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                                    .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                                    .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail));
            json.withCoercionConfig(
                    LogicalType.Boolean,
                    booleans ->
                            booleans.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                                    .setCoercion(CoercionInputShape.String, CoercionAction.Fail)
                                    .setCoercion(
                                            CoercionInputShape.EmptyString, CoercionAction.Fail));
        };
    }

    @Bean
    Dependency mysql(JdbcClient jdbc) {
        return new Dependency() {
            @Override
            public String name() {
                return "mysql";
            }

            @Override
            public void initialize() {
                probe();
            }

            @Override
            public void probe() {
                jdbc.sql("SELECT 1").query(Integer.class).single();
            }
        };
    }
}
