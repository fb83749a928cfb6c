package dev.tomp3.jobs;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** {@link JobChanges}, for the service whose clients wait for them. */
@Configuration(proxyBeanMethods = false)
public class ChangeConfiguration {
    @Bean
    JobChanges jobChanges(JobDocuments documents, StoreClock storeClock) {
        return new JobChanges(documents, storeClock.clock());
    }
}
