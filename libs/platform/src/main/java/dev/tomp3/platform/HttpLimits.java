package dev.tomp3.platform;

import jakarta.validation.constraints.PositiveOrZero;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * What clients may take of a service. A service without these settings has only the limits that
 * need none.
 *
 * @param maxConnectionsPerAddress 0: no limit
 * @param uploadPaths request bodies of these paths, and of what is below them, may take long
 * @param minUploadRate bytes of such a body in a second, on average over a minute; 0: no minimum
 */
@Validated
@ConfigurationProperties("tomp3.http")
public record HttpLimits(
        @PositiveOrZero(message = "is negative") int maxConnectionsPerAddress,
        @Nullable List<String> uploadPaths,
        @PositiveOrZero(message = "is negative") @Nullable DataSize minUploadRate) {
    BodyDeadline.Limits bodies() {
        BodyDeadline.Limits standard = BodyDeadline.Limits.DEFAULT;
        return uploadPaths == null
                ? standard
                : new BodyDeadline.Limits(
                        standard.small(),
                        uploadPaths,
                        bytesPerSecond(),
                        standard.window(),
                        standard.discarded());
    }

    public long bytesPerSecond() {
        return minUploadRate == null ? 0 : minUploadRate.toBytes();
    }
}
