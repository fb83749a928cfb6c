package dev.tomp3.jobs;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.mongodb.core.MongoTemplate;
import tools.jackson.databind.json.JsonMapper;

/** {@link Webhooks}, for the service whose users have them. */
@Configuration(proxyBeanMethods = false)
public class WebhookConfiguration {
    @Bean
    Webhooks webhooks(MongoTemplate mongo, JsonMapper json, StoreClock storeClock) {
        return new Webhooks(mongo, json, storeClock.clock());
    }
}
