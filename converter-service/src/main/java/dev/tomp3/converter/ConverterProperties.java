package dev.tomp3.converter;

import dev.tomp3.converter.conversion.Limits;
import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * What the operator decides; names and defaults are in {@code application.yml}.
 *
 * @param workers jobs at the same time; 0 for one a core
 * @param encoders at the same time, for all jobs together; 0 for one a core
 * @param ffmpeg a path; empty for the one that is found
 */
@ConfigurationProperties("tomp3.converter")
record ConverterProperties(
        int workers,
        int encoders,
        String ffmpeg,
        DataSize ffmpegMemory,
        Path workDir,
        Duration maxDuration,
        DataSize maxOutput,
        Duration jobLimit,
        Duration shutdownGrace) {
    /** The broker takes a message back after 24 hours, and its job would run twice. */
    private static final Duration LONGEST_JOB = Duration.ofHours(23);

    private static final Duration LEAST = Duration.ofMinutes(2);
    private static final Duration STALL = Duration.ofSeconds(60);

    ConverterProperties {
        if (jobLimit.compareTo(LONGEST_JOB) >= 0) {
            throw new IllegalArgumentException(
                    "JOB_LIMIT must be under 23h, it is " + jobLimit.toHours() + "h");
        }
        if (workers < 0) throw new IllegalArgumentException("WORKERS must not be negative");
        if (encoders < 0) throw new IllegalArgumentException("ENCODERS must not be negative");
        int cores = Runtime.getRuntime().availableProcessors();
        if (workers == 0) workers = cores;
        if (encoders == 0) encoders = cores;
    }

    Limits limits() {
        return new Limits(maxDuration, maxOutput.toBytes(), jobLimit, LEAST, STALL);
    }
}
