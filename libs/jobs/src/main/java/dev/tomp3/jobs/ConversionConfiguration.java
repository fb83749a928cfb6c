package dev.tomp3.jobs;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** {@link ClaimQueue} and {@link Attempts}, for the service that converts. */
@Configuration(proxyBeanMethods = false)
public class ConversionConfiguration {
    @Bean
    ClaimQueue claimQueue(JobDocuments documents, StoreClock storeClock, JobProperties properties) {
        JobDocuments patient = documents.patient();
        return new ClaimQueue(
                patient,
                new FairShare(patient.mongo()),
                storeClock.clock(),
                properties.maxConcurrentJobsPerUser());
    }

    @Bean
    Attempts attempts(JobDocuments documents, StoreClock storeClock, Timing timing) {
        return new Attempts(documents, storeClock.clock(), timing);
    }
}
