package dev.tomp3.converter;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.PositiveOrZero;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * What may be stored; the gateway applies the same limits to uploads. Environment variables and
 * defaults are in {@code application.yml}.
 *
 * @param maxStoredPerUser total size of a user's videos and MP3s; 0: no limit
 * @param minFree space that uploads leave free; MP3s may take half of it
 */
@Validated
@ConfigurationProperties("tomp3.output")
record OutputLimits(
        @NotNull(message = "is empty") @PositiveOrZero(message = "is negative")
                DataSize maxStoredPerUser,
        @NotNull(message = "is empty") @PositiveOrZero(message = "is negative") DataSize minFree) {
    long bytesPerUser() {
        return maxStoredPerUser.toBytes() == 0 ? Long.MAX_VALUE : maxStoredPerUser.toBytes();
    }

    long reservedBytes() {
        return minFree.toBytes() / 2;
    }
}
