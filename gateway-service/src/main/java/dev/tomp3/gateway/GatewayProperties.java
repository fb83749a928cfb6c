package dev.tomp3.gateway;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * What the operator decides; names and defaults are in {@code application.yml}.
 *
 * @param auth auth's address, host:port or a URL
 * @param maxUpload the largest file that is taken
 */
@ConfigurationProperties("tomp3.gateway")
record GatewayProperties(String auth, DataSize maxUpload) {}
