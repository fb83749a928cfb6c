package dev.tomp3.jobs;

import com.mongodb.ConnectionString;
import com.mongodb.ReadConcern;
import com.mongodb.ReadPreference;
import com.mongodb.WriteConcern;
import com.mongodb.client.MongoClient;
import dev.tomp3.platform.Dependency;
import dev.tomp3.platform.NanoClock;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.mongodb.autoconfigure.MongoClientSettingsBuilderCustomizer;
import org.springframework.boot.mongodb.autoconfigure.MongoProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.convert.DefaultMongoTypeMapper;
import org.springframework.data.mongodb.core.convert.MappingMongoConverter;

/** The document store and {@link Jobs}, for every service that knows jobs. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(JobProperties.class)
public class JobConfiguration {
    /**
     * A request is answered within three seconds, even while the store cannot be reached. What
     * nobody waits for has more time, see {@link JobDocuments#patient}.
     */
    private static final int TIMEOUT_MILLIS = 2500;

    /** For operations that may take longer; every operation's own limit applies as well. */
    private static final int SELECTION_SECONDS = 30;

    /** After a failover, all connections are replaced within one time limit. */
    private static final int CONNECTING = 8;

    private static final String DATABASE = "tomp3";

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    /**
     * Nothing is decided by what a lagging member says, or by what a failover may undo, regardless
     * of the URI.
     */
    @Bean
    MongoClientSettingsBuilderCustomizer mongoSettings() {
        return settings ->
                settings.writeConcern(WriteConcern.MAJORITY)
                        .readConcern(ReadConcern.MAJORITY)
                        .readPreference(ReadPreference.primary())
                        .retryWrites(true)
                        .retryReads(true)
                        .timeout(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
                        .applyToClusterSettings(cluster ->
                                cluster.serverSelectionTimeout(SELECTION_SECONDS, TimeUnit.SECONDS))
                        .applyToConnectionPoolSettings(pool -> pool.maxConnecting(CONNECTING))
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
    Jobs jobs(JobDocuments documents, StoreClock storeClock) {
        return new Jobs(documents, storeClock.clock());
    }

    /** Tests register shorter times. */
    @Bean
    @ConditionalOnMissingBean
    Timing timing() {
        return Timing.PRODUCTION;
    }

    /** Tests register one that agrees with their own clock. */
    @Bean
    @ConditionalOnMissingBean
    StoreClock storeClock(Clock clock, NanoClock nanoClock) {
        return new StoreClock(clock, nanoClock);
    }

    @Bean
    Dependency mongoDbDependency(
            JobDocuments documents,
            MongoClient client,
            StoreClock storeClock,
            ObjectProvider<Restores> restores,
            NanoClock nanoClock) {
        return new MongoDependency(
                documents, client, storeClock, restores.getIfAvailable(), nanoClock);
    }
}
