package dev.tomp3.jobs;

import java.time.Clock;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.mongodb.core.MongoTemplate;

/** {@link ClaimQueue} and {@link Attempts}, for the service that converts. */
@Configuration(proxyBeanMethods = false)
public class ConversionConfiguration {
    @Bean
    ClaimQueue claimQueue(
            JobDocuments documents,
            MongoTemplate mongo,
            Clock clock,
            @Value("${tomp3.max-concurrent-jobs-per-user}") int maxConcurrentPerOwner) {
        return new ClaimQueue(documents, new FairShare(mongo), clock, maxConcurrentPerOwner);
    }

    @Bean
    Attempts attempts(JobDocuments documents, Clock clock, Timing timing) {
        return new Attempts(documents, clock, timing);
    }
}
