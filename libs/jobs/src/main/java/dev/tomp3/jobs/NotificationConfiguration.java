package dev.tomp3.jobs;

import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** {@link Notifications}, for the service that tells owners. */
@Configuration(proxyBeanMethods = false)
public class NotificationConfiguration {
    @Bean
    Notifications notifications(JobDocuments documents, Clock clock, Timing timing) {
        return new Notifications(documents, clock, timing);
    }
}
