package dev.tomp3.gateway;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tomp3.jobs.JobProperties;
import dev.tomp3.jobs.Jobs;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * The account of the current user: what is stored, what is allowed, and what this server offers.
 */
@Schema(name = "Account")
record AccountView(
        @Schema(example = "0b0c5b1e-6c1f-4d1a-9a44-0a2f6b8f4e11") String id,
        @Schema(example = "ann@example.org") String email,
        @Schema(example = "[\"user\"]") List<String> roles,
        @Schema(description = "whether the address is confirmed, so that mail is sent to it")
                boolean confirmed,
        Usage usage,
        Limits limits,
        Features features) {
    record Usage(
            @JsonProperty("stored_bytes")
                    @Schema(description = "of videos and MP3s, uploads in progress included")
                    long storedBytes,
            @JsonProperty("waiting_jobs") @Schema(description = "queued or being uploaded")
                    long waitingJobs) {}

    @Schema(description = "null: no limit")
    record Limits(
            @JsonProperty("max_upload_bytes") long maxUploadBytes,
            @JsonProperty("max_stored_bytes")
                    @Schema(
                            types = {"integer", "null"},
                            format = "int64")
                    @Nullable Long maxStoredBytes,
            @JsonProperty("max_waiting_jobs") @Schema(types = {"integer", "null"})
                    @Nullable Integer maxWaitingJobs,
            @JsonProperty("max_duration_seconds") long maxDurationSeconds,
            @JsonProperty("keep_mp3_seconds") long keepMp3Seconds,
            @JsonProperty("keep_video_seconds") long keepVideoSeconds) {}

    record Features(
            @Schema(description = "whether anyone may register") boolean registration,
            @Schema(description = "whether mails are sent") boolean mail) {}

    @Component
    static class Source {
        private final Jobs jobs;
        private final Limits limits;
        private final boolean mail;

        Source(
                Jobs jobs,
                GatewayProperties properties,
                JobProperties jobProperties,
                @Value("${tomp3.mail-server}") String mailServer) {
            this.jobs = jobs;
            long stored = properties.maxStoredPerUser().toBytes();
            int waiting = properties.maxQueuedPerUser();
            this.limits =
                    new Limits(
                            properties.maxUpload().toBytes(),
                            stored == 0 ? null : stored,
                            waiting == 0 ? null : waiting,
                            properties.maxDuration().toSeconds(),
                            jobProperties.keep().mp3().toSeconds(),
                            jobProperties.keep().video().toSeconds());
            this.mail = !mailServer.isBlank();
        }

        AccountView of(CurrentUser user) {
            Jobs.Usage usage = jobs.usage(user.id());
            return new AccountView(
                    user.id(),
                    user.email(),
                    user.roles(),
                    user.mail(),
                    new Usage(usage.bytes(), usage.waiting()),
                    limits,
                    new Features(user.registrationOpen(), mail));
        }
    }
}
