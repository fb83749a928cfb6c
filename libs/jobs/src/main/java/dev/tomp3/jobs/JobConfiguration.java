package dev.tomp3.jobs;

import com.mongodb.ConnectionString;
import com.mongodb.WriteConcern;
import dev.tomp3.platform.Dependency;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.mongodb.autoconfigure.MongoClientSettingsBuilderCustomizer;
import org.springframework.boot.mongodb.autoconfigure.MongoProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.convert.DefaultMongoTypeMapper;
import org.springframework.data.mongodb.core.convert.MappingMongoConverter;

/** The document store and {@link Jobs}, for every service that knows jobs. */
@Configuration(proxyBeanMethods = false)
public class JobConfiguration {
    /** A request is answered within three seconds, even while the store cannot be reached. */
    private static final int TIMEOUT_MILLIS = 2500;

    private static final String DATABASE = "tomp3";

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean
    MongoClientSettingsBuilderCustomizer mongoSettings() {
        return settings ->
                settings.writeConcern(WriteConcern.MAJORITY)
                        .timeout(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
                        .applyToClusterSettings(cluster ->
                                cluster.serverSelectionTimeout(
                                        TIMEOUT_MILLIS, TimeUnit.MILLISECONDS))
                        .applyToSocketSettings(socket ->
                                socket.connectTimeout(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS));
    }

    /** The database is the one that the URI names, else {@code tomp3}. */
    @Bean
    static BeanPostProcessor mongoDatabase() {
        return new BeanPostProcessor() {
            @Override
            public Object postProcessAfterInitialization(Object bean, String name) {
                if (bean instanceof MongoProperties properties
                        && properties.getUri() != null
                        && new ConnectionString(properties.getUri()).getDatabase() == null) {
                    properties.setDatabase(DATABASE);
                }
                return bean;
            }
        };
    }

    @Bean
    JobDocuments jobDocuments(MongoTemplate mongo) {
        // no class names in the documents: each collection has one type
        if (mongo.getConverter() instanceof MappingMongoConverter converter) {
            converter.setTypeMapper(new DefaultMongoTypeMapper(null));
        }
        return new JobDocuments(mongo);
    }

    @Bean
    Jobs jobs(JobDocuments documents, Clock clock) {
        return new Jobs(documents, clock);
    }

    /** Tests register shorter times. */
    @Bean
    @ConditionalOnMissingBean
    Timing timing() {
        return Timing.PRODUCTION;
    }

    @Bean
    Dependency mongoDbDependency(JobDocuments documents, MongoTemplate mongo) {
        return new Dependency() {
            @Override
            public String name() {
                return "mongodb";
            }

            @Override
            public void initialize() {
                documents.createIndexes();
            }

            @Override
            public void probe() {
                mongo.executeCommand("{ping: 1}");
            }
        };
    }
}
