package dev.tomp3.jobs;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.mongodb.core.MongoTemplate;

/** {@link DownloadLinks}, for the services that make and answer them. */
@Configuration(proxyBeanMethods = false)
public class LinkConfiguration {
    @Bean
    DownloadLinks downloadLinks(MongoTemplate mongo) {
        return new DownloadLinks(new LinkSecret(mongo));
    }
}
