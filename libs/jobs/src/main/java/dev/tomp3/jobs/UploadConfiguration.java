package dev.tomp3.jobs;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.mongodb.core.MongoTemplate;

/** {@link IncomingUploads}, for the service that receives videos. */
@Configuration(proxyBeanMethods = false)
public class UploadConfiguration {
    @Bean
    IncomingUploads incomingUploads(
            JobDocuments documents, MongoTemplate mongo, StoreClock storeClock) {
        return new IncomingUploads(documents, new FairShare(mongo), storeClock.clock());
    }
}
