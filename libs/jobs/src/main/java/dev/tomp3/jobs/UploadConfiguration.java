package dev.tomp3.jobs;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.mongodb.core.MongoTemplate;

/** {@link IncomingUploads} and {@link ResumableUploads}, for the service that receives videos. */
@Configuration(proxyBeanMethods = false)
public class UploadConfiguration {
    @Bean
    IncomingUploads incomingUploads(
            JobDocuments documents,
            MongoTemplate mongo,
            StoreClock storeClock,
            JobProperties properties) {
        return new IncomingUploads(
                documents, new FairShare(mongo), storeClock.clock(), properties.keep().upload());
    }

    @Bean
    ResumableUploads resumableUploads(
            JobDocuments documents,
            IncomingUploads uploads,
            StoreClock storeClock,
            JobProperties properties) {
        return new ResumableUploads(
                documents, uploads, storeClock.clock(), properties.keep().upload());
    }
}
