package dev.tomp3.jobs;

import java.time.Duration;
import org.springframework.beans.factory.annotation.Value;
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
            @Value("${tomp3.keep.upload}") Duration keep) {
        return new IncomingUploads(documents, new FairShare(mongo), storeClock.clock(), keep);
    }

    @Bean
    ResumableUploads resumableUploads(
            JobDocuments documents,
            IncomingUploads uploads,
            StoreClock storeClock,
            @Value("${tomp3.keep.upload}") Duration keep) {
        return new ResumableUploads(documents, uploads, storeClock.clock(), keep);
    }
}
