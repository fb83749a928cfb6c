package dev.tomp3.jobs;

import com.mongodb.ConnectionString;
import com.mongodb.WriteConcern;
import dev.tomp3.platform.Dependency;
import dev.tomp3.platform.InvalidConfiguration;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.mongodb.autoconfigure.MongoClientSettingsBuilderCustomizer;
import org.springframework.boot.mongodb.autoconfigure.MongoProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.convert.DefaultMongoTypeMapper;
import org.springframework.data.mongodb.core.convert.MappingMongoConverter;

/** For every service that knows jobs. */
@Configuration(proxyBeanMethods = false)
public class JobConfiguration {
    /** Within three seconds a request must have its answer, be it that the store is away. */
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
    Jobs jobs(
            MongoTemplate mongo,
            Clock clock,
            @Value("${tomp3.max-concurrent-jobs-per-user:0}") int mostAtOnce) {
        if (mostAtOnce < 0)
            throw new InvalidConfiguration("MAX_CONCURRENT_JOBS_PER_USER is negative");
        // a document says what it is by where it lies; no class names in it
        if (mongo.getConverter() instanceof MappingMongoConverter converter) {
            converter.setTypeMapper(new DefaultMongoTypeMapper(null));
        }
        return new Jobs(mongo, clock, mostAtOnce);
    }

    @Bean
    Dependency mongoDbDependency(Jobs jobs, MongoTemplate mongo) {
        return new Dependency() {
            @Override
            public String name() {
                return "mongodb";
            }

            @Override
            public void initialize() {
                jobs.createIndexes();
            }

            @Override
            public void probe() {
                mongo.executeCommand("{ping: 1}");
            }
        };
    }
}
