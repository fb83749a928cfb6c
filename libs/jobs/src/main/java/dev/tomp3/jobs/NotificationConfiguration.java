package dev.tomp3.jobs;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** {@link Notifications}, for the service that tells owners. */
@Configuration(proxyBeanMethods = false)
public class NotificationConfiguration {
    @Bean
    Notifications notifications(JobDocuments documents, StoreClock storeClock, Timing timing) {
        return new Notifications(documents, storeClock.clock(), timing);
    }
}
