package dev.tomp3.converter;

import dev.tomp3.converter.conversion.Limits;
import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * The settings of the converter. Environment variables and defaults are in {@code application.yml}.
 *
 * @param workers jobs at the same time; 0 for one per core
 * @param encoders encoder processes at the same time, for all jobs together; 0 for one per core
 * @param ffmpeg a path; empty to search for one
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
    /** The broker redelivers a message after 24 hours, and the job would run twice. */
    private static final Duration LONGEST_JOB = Duration.ofHours(23);

    private static final Duration MINIMUM = Duration.ofMinutes(2);
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
        return new Limits(maxDuration, maxOutput.toBytes(), jobLimit, MINIMUM, STALL);
    }
}
