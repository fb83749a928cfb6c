package dev.tomp3.notification;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Where webhooks may lead.
 *
 * @param allow addresses, CIDR blocks and host names that need not be public
 */
@ConfigurationProperties("tomp3.webhooks")
record WebhookProperties(List<String> allow) {}
