package dev.tomp3.converter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.converter.conversion.Limits;
import dev.tomp3.converter.ffmpeg.Sandbox;
import jakarta.validation.Validation;
import jakarta.validation.ValidatorFactory;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

class ConverterPropertiesTest {
    @TempDir Path directory;

    @Test
    void the_service_has_these_limits() {
        Limits limits =
                new ConverterProperties(
                                1,
                                0,
                                "",
                                ConverterProperties.OldFfmpeg.REFUSE,
                                "",
                                Sandbox.Mode.AUTO,
                                DataSize.ofGigabytes(2),
                                directory,
                                Duration.ofHours(12),
                                DataSize.ofGigabytes(2),
                                Duration.ofHours(4),
                                Duration.ofSeconds(30))
                        .limits();

        assertThat(limits)
                .isEqualTo(
                        new Limits(
                                Duration.ofHours(12),
                                2L << 30,
                                Duration.ofHours(4),
                                Duration.ofMinutes(2),
                                Duration.ofSeconds(60)));
    }

    @Test
    void a_job_may_not_take_longer_than_the_broker_waits() {
        ConverterProperties properties =
                new ConverterProperties(
                        1,
                        0,
                        "",
                        ConverterProperties.OldFfmpeg.REFUSE,
                        "",
                        Sandbox.Mode.AUTO,
                        DataSize.ofGigabytes(2),
                        directory,
                        Duration.ofHours(12),
                        DataSize.ofGigabytes(2),
                        Duration.ofHours(23),
                        Duration.ofSeconds(30));
        try (ValidatorFactory validators = Validation.buildDefaultValidatorFactory()) {
            assertThat(validators.getValidator().validate(properties))
                    .extracting(
                            violation -> violation.getPropertyPath() + " " + violation.getMessage())
                    .containsExactly("jobLimit must be under 23h");
        }
    }
}
