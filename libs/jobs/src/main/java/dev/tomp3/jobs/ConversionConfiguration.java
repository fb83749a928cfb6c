package dev.tomp3.jobs;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** {@link ClaimQueue} and {@link Attempts}, for the service that converts. */
@Configuration(proxyBeanMethods = false)
public class ConversionConfiguration {
    @Bean
    ClaimQueue claimQueue(
            JobDocuments documents,
            StoreClock storeClock,
            @Value("${tomp3.max-concurrent-jobs-per-user}") int maxConcurrentPerOwner) {
        JobDocuments patient = documents.patient();
        return new ClaimQueue(
                patient, new FairShare(patient.mongo()), storeClock.clock(), maxConcurrentPerOwner);
    }

    @Bean
    Attempts attempts(JobDocuments documents, StoreClock storeClock, Timing timing) {
        return new Attempts(documents, storeClock.clock(), timing);
    }
}
