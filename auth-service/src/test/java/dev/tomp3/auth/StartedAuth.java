package dev.tomp3.auth;

import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The service with the settings of one test, and a client. */
record StartedAuth(ConfigurableApplicationContext context, Api api) implements AutoCloseable {
    static StartedAuth with(Map<String, ?> settings) {
        ConfigurableApplicationContext context =
                new SpringApplication(AuthService.class)
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

    @Override
    public void close() {
        context.close();
    }
}
