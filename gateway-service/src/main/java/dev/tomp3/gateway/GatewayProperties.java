package dev.tomp3.gateway;

import dev.tomp3.platform.InvalidConfiguration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * What the operator decides; names and defaults are in {@code application.yml}.
 *
 * @param auth auth's address, host:port or a URL
 * @param maxUpload the largest file that is taken
 * @param maxQueuedPerUser jobs of one user that wait or are being uploaded; 0 for any number
 * @param maxStoredPerUser videos and MP3s of one user; 0 for any size
 * @param minFree what an upload must leave free on the media store's disk
 * @param maxRequestsPerMinute of one user; 0 for any number
 */
@ConfigurationProperties("tomp3.gateway")
record GatewayProperties(
        String auth,
        DataSize maxUpload,
        int maxQueuedPerUser,
        DataSize maxStoredPerUser,
        DataSize minFree,
        int maxRequestsPerMinute) {
    GatewayProperties {
        requireNotNegative("MAX_QUEUED_PER_USER", maxQueuedPerUser);
        requireNotNegative("MAX_STORED_PER_USER", maxStoredPerUser.toBytes());
        requireNotNegative("MIN_FREE", minFree.toBytes());
        requireNotNegative("MAX_REQUESTS_PER_MINUTE", maxRequestsPerMinute);
    }

    private static void requireNotNegative(String name, long value) {
        if (value < 0) throw new InvalidConfiguration(name + " is negative");
    }
}
