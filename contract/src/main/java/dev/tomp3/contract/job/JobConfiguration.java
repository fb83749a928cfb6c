package dev.tomp3.contract.job;

import com.mongodb.WriteConcern;
import com.mongodb.client.MongoClient;
import dev.tomp3.contract.http.FirstContact;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.mongodb.autoconfigure.MongoClientSettingsBuilderCustomizer;
import org.springframework.boot.mongodb.autoconfigure.MongoConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.mongodb.MongoDatabaseFactory;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.SimpleMongoClientDatabaseFactory;
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

    /** The database that the URI names, else {@code tomp3}. */
    @Bean
    MongoDatabaseFactory mongoDatabaseFactory(MongoClient client, MongoConnectionDetails details) {
        String database = details.getConnectionString().getDatabase();
        return new SimpleMongoClientDatabaseFactory(client, database == null ? DATABASE : database);
    }

    @Bean
    Jobs jobs(MongoTemplate mongo, Clock clock) {
        // a document says what it is by where it lies; no class names in it
        if (mongo.getConverter() instanceof MappingMongoConverter converter) {
            converter.setTypeMapper(new DefaultMongoTypeMapper(null));
        }
        return new Jobs(mongo, clock);
    }

    @Bean
    FirstContact firstContactWithMongoDb(Jobs jobs) {
        return new FirstContact() {
            @Override
            public String name() {
                return "mongodb";
            }

            @Override
            public void make() {
                jobs.createIndexes();
            }
        };
    }
}
