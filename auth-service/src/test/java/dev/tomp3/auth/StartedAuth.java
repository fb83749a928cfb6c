package dev.tomp3.auth;

import dev.tomp3.platform.ProbeIntervals;
import java.time.Duration;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** The service with the settings of one test, and a client. */
record StartedAuth(ConfigurableApplicationContext context, Api api) implements AutoCloseable {
    static StartedAuth with(Map<String, ?> settings) {
        ConfigurableApplicationContext context =
                new SpringApplication(AuthService.class, ShortProbes.class)
                        .run(
                                settings.entrySet().stream()
                                        .map(setting ->
                                                "--" + setting.getKey() + "=" + setting.getValue())
                                        .toArray(String[]::new));
        return new StartedAuth(
                context,
                new Api(
                        context.getEnvironment()
                                .getRequiredProperty("local.server.port", int.class)));
    }

    /** An outage shows in the metrics after half a second and not after ten. */
    @TestConfiguration(proxyBeanMethods = false)
    static class ShortProbes {
        @Bean
        ProbeIntervals probeIntervals() {
            return new ProbeIntervals(
                    Duration.ofMillis(100), Duration.ofMillis(500), Duration.ofSeconds(25));
        }
    }

    @Override
    public void close() {
        context.close();
    }
}
