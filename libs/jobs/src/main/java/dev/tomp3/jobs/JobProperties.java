package dev.tomp3.jobs;

import jakarta.validation.Valid;
import jakarta.validation.constraints.PositiveOrZero;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The settings that all services share that know jobs. Environment variables and defaults are in
 * each service's {@code application.yml}, which names only what that service needs.
 *
 * @param maxConcurrentJobsPerUser jobs of a user that are converted at the same time; 0: no limit
 */
@Validated
@ConfigurationProperties("tomp3")
public record JobProperties(
        @PositiveOrZero(message = "is negative") int maxConcurrentJobsPerUser,
        @Valid @DefaultValue Keep keep) {
    private static final String TOO_SHORT = "is less than 1m; 7d, for example, is seven days";

    /**
     * How long things are kept.
     *
     * @param upload a resumable upload, after its last byte
     * @param video after its job is settled
     * @param mp3 after its job is settled
     * @param job after it is settled
     * @param pauseAfterRestore how long nothing is deleted by its age after a restore
     */
    public record Keep(
            @DurationMin(minutes = 1, message = TOO_SHORT) @DefaultValue("1d") Duration upload,
            @DurationMin(minutes = 1, message = TOO_SHORT) @DefaultValue("1d") Duration video,
            @DurationMin(minutes = 1, message = TOO_SHORT) @DefaultValue("7d") Duration mp3,
            @DurationMin(minutes = 1, message = TOO_SHORT) @DefaultValue("90d") Duration job,
            @DurationMin(message = "is negative") @DefaultValue("24h")
                    Duration pauseAfterRestore) {}
}
