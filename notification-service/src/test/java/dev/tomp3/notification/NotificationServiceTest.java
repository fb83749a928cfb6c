package dev.tomp3.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class NotificationServiceTest {
    private final Map<String, String> environment =
            new LinkedHashMap<>(
                    Map.of(
                            "METRICS_PORT", "0",
                            "MONGODB_URI", "mongodb://127.0.0.1:1/tomp3",
                            "RABBITMQ_USER", "tomp3",
                            "RABBITMQ_PASSWORD", "secret"));

    @ParameterizedTest
    @ValueSource(strings = {"MONGODB_URI", "RABBITMQ_PASSWORD"})
    void refuses_to_start_without_a_secret_and_names_it(String name, CapturedOutput output) {
        environment.remove(name);
        assertRefused(output, name + " is not set");
    }

    @ParameterizedTest
    @ValueSource(strings = {"MONGODB_URI", "RABBITMQ_USER", "RABBITMQ_PASSWORD"})
    void refuses_to_start_with_an_empty_secret_and_names_it(String name, CapturedOutput output) {
        environment.put(name, "");
        assertRefused(output, name + " is not set");
    }

    @ParameterizedTest
    @CsvSource({"SMTP_FROM,nobody at all", "SMTP_STARTTLS,perhaps", "WEBHOOK_ALLOW,10.0.0.0/33"})
    void refuses_to_start_with_an_invalid_setting(
            String name, String value, CapturedOutput output) {
        environment.put(name, value);
        assertRefused(output, value);
    }

    private void assertRefused(CapturedOutput output, String reason) {
        String[] args =
                environment.entrySet().stream()
                        .map(entry -> "--" + entry.getKey() + "=" + entry.getValue())
                        .toArray(String[]::new);
        assertThatThrownBy(() -> SpringApplication.run(NotificationService.class, args))
                .isNotNull();
        assertThat(output).contains(reason).doesNotContain("\tat ", "secret");
    }
}
