package dev.tomp3.jobs;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** {@link Backlog}, for the service that administrators ask. */
@Configuration(proxyBeanMethods = false)
public class BacklogConfiguration {
    @Bean
    Backlog backlog(JobDocuments documents) {
        return new Backlog(documents);
    }
}
