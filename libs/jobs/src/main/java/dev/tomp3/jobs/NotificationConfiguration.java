package dev.tomp3.jobs;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

/** {@link Notifications} and {@link WebhookDeliveries}, for the service that tells owners. */
@Configuration(proxyBeanMethods = false)
public class NotificationConfiguration {
    @Bean
    Notifications notifications(JobDocuments documents, StoreClock storeClock, Timing timing) {
        return new Notifications(documents, storeClock.clock(), timing);
    }

    @Bean
    WebhookDeliveries webhookDeliveries(
            JobDocuments documents,
            JsonMapper json,
            StoreClock storeClock,
            JobProperties properties) {
        return new WebhookDeliveries(
                documents.patient().mongo(), json, storeClock.clock(), properties.keep().mp3());
    }
}
