package dev.tomp3.converter;

import dev.tomp3.converter.conversion.Limits;
import dev.tomp3.converter.ffmpeg.Sandbox;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.PositiveOrZero;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * The settings of the converter. Environment variables and defaults are in {@code application.yml}.
 *
 * @param workers jobs at the same time; 0 for one per core
 * @param encoders encoder processes at the same time, for all jobs together; 0 for one per core
 * @param ffmpeg a path; empty to search for one
 * @param ffmpegOld what to do where only the bundled one is there, and others can upload files
 * @param gatewayAddress where the gateway listens; empty if that is unknown
 */
@Validated
@ConfigurationProperties("tomp3.converter")
record ConverterProperties(
        @PositiveOrZero(message = "is negative") int workers,
        @PositiveOrZero(message = "is negative") int encoders,
        String ffmpeg,
        OldFfmpeg ffmpegOld,
        String gatewayAddress,
        Sandbox.Mode sandbox,
        @NotNull(message = "is empty") @Positive(message = "is not positive") DataSize ffmpegMemory,
        Path workDir,
        @DurationMin(seconds = 1, message = TOO_SHORT) Duration maxDuration,
        @NotNull(message = "is empty") @Positive(message = "is not positive") DataSize maxOutput,
        // the broker redelivers a message after 24 hours, and its job would run twice
        @DurationMax(hours = 23, inclusive = false, message = "must be under 23h")
                @DurationMin(seconds = 1, message = TOO_SHORT)
                Duration jobLimit,
        Duration shutdownGrace) {
    enum OldFfmpeg {
        REFUSE,
        ALLOW
    }

    private static final String TOO_SHORT = "is less than 1s; 12h, for example, is twelve hours";
    private static final Duration MINIMUM = Duration.ofMinutes(2);
    private static final Duration STALL = Duration.ofSeconds(60);

    ConverterProperties {
        int cores = Runtime.getRuntime().availableProcessors();
        if (workers == 0) workers = cores;
        if (encoders == 0) encoders = cores;
    }

    /** Whether an ffmpeg that gets no security updates may be used. */
    boolean mayUseOldFfmpeg() {
        if (ffmpegOld == OldFfmpeg.ALLOW) return true;
        try {
            return !gatewayAddress.isEmpty()
                    && InetAddress.getByName(gatewayAddress).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    Limits limits() {
        return new Limits(maxDuration, maxOutput.toBytes(), jobLimit, MINIMUM, STALL);
    }
}
