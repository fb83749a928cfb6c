package dev.tomp3.gateway;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.PositiveOrZero;
import java.time.Duration;
import java.util.List;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * The settings of the gateway; their names and defaults are in {@code application.yml}.
 *
 * @param auth the address of auth, as host:port or URL
 * @param maxUpload the maximum size of a file
 * @param maxDuration the maximum length of the audio, which converters check
 * @param maxQueuedPerUser jobs of a user that are waiting or being uploaded; 0: no limit
 * @param maxStoredPerUser total size of a user's videos and MP3s; 0: no limit
 * @param minFree space that an upload must leave free on the media store's disk
 * @param maxTransfersPerUser uploads and downloads of a user at the same time; 0: no limit
 * @param maxOpenUploadsPerUser resumable uploads of a user that are not complete; 0: no limit
 * @param corsOrigins origins of other web sites whose pages may use the API
 * @param maxRequestsPerMinute requests of a user; 0: no limit
 * @param maxRequestsPerMinutePerAddress requests without a valid token from an address; 0: no limit
 * @param presetsFile named sets of options; empty for none but those that are built in
 * @param tlsCert the file of the certificate chain; empty: HTTP
 * @param tlsKey the file of its private key
 */
@Validated
@ConfigurationProperties("tomp3.gateway")
record GatewayProperties(
        @NotBlank(message = "is empty") String auth,
        @NotNull(message = "is empty") @PositiveOrZero(message = "is negative") DataSize maxUpload,
        @DurationMin(seconds = 1, message = "is less than 1s; 12h, for example, is twelve hours")
                Duration maxDuration,
        @PositiveOrZero(message = "is negative") int maxQueuedPerUser,
        @NotNull(message = "is empty") @PositiveOrZero(message = "is negative")
                DataSize maxStoredPerUser,
        @NotNull(message = "is empty") @PositiveOrZero(message = "is negative") DataSize minFree,
        @PositiveOrZero(message = "is negative") int maxTransfersPerUser,
        @PositiveOrZero(message = "is negative") int maxOpenUploadsPerUser,
        List<
                        @Pattern(
                                regexp = "https?://[^/?#@*,\\s]+",
                                message = "is not an origin, as https://HOST[:PORT]")
                        String>
                corsOrigins,
        @PositiveOrZero(message = "is negative") int maxRequestsPerMinute,
        @PositiveOrZero(message = "is negative") int maxRequestsPerMinutePerAddress,
        String presetsFile,
        String tlsCert,
        String tlsKey) {
    @AssertTrue(message = "TLS_CERT and TLS_KEY are not set together")
    boolean isTlsComplete() {
        return tlsCert.isEmpty() == tlsKey.isEmpty();
    }
}
