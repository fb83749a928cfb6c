package dev.tomp3.converter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.converter.ConverterProperties.OldFfmpeg;
import dev.tomp3.converter.conversion.Limits;
import dev.tomp3.converter.ffmpeg.Sandbox;
import jakarta.validation.Validation;
import jakarta.validation.ValidatorFactory;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.util.unit.DataSize;

class ConverterPropertiesTest {
    @TempDir Path directory;

    @Test
    void the_service_has_these_limits() {
        assertThat(properties(OldFfmpeg.REFUSE, "", Duration.ofHours(4)).limits())
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
        ConverterProperties properties = properties(OldFfmpeg.REFUSE, "", Duration.ofHours(23));
        try (ValidatorFactory validators = Validation.buildDefaultValidatorFactory()) {
            assertThat(validators.getValidator().validate(properties))
                    .extracting(
                            violation -> violation.getPropertyPath() + " " + violation.getMessage())
                    .containsExactly("jobLimit must be under 23h");
        }
    }

    @Test
    void no_limit_is_so_small_that_every_job_fails() {
        ConverterProperties properties =
                new ConverterProperties(
                        1,
                        0,
                        "",
                        OldFfmpeg.REFUSE,
                        "",
                        Sandbox.Mode.AUTO,
                        DataSize.ofBytes(0),
                        directory,
                        Duration.ofMillis(12),
                        DataSize.ofBytes(-1),
                        Duration.ofMillis(4),
                        Duration.ofSeconds(30));
        try (ValidatorFactory validators = Validation.buildDefaultValidatorFactory()) {
            assertThat(validators.getValidator().validate(properties))
                    .extracting(violation -> violation.getPropertyPath().toString())
                    .containsExactlyInAnyOrder(
                            "ffmpegMemory", "maxDuration", "maxOutput", "jobLimit");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, true",
        "127.0.0.53, true",
        "::1, true",
        "localhost, true",
        "'', false",
        "0.0.0.0, false",
        "'::', false",
        "192.168.1.7, false",
        "no such host., false"
    })
    void an_old_ffmpeg_is_used_only_where_nobody_else_can_upload(String gateway, boolean used) {
        Duration limit = Duration.ofHours(4);
        assertThat(properties(OldFfmpeg.REFUSE, gateway, limit).mayUseOldFfmpeg()).isEqualTo(used);
        assertThat(properties(OldFfmpeg.ALLOW, gateway, limit).mayUseOldFfmpeg()).isTrue();
    }

    private ConverterProperties properties(OldFfmpeg old, String gateway, Duration jobLimit) {
        return new ConverterProperties(
                1,
                0,
                "",
                old,
                gateway,
                Sandbox.Mode.AUTO,
                DataSize.ofGigabytes(2),
                directory,
                Duration.ofHours(12),
                DataSize.ofGigabytes(2),
                jobLimit,
                Duration.ofSeconds(30));
    }
}
