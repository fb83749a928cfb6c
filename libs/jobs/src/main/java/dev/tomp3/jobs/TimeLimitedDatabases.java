package dev.tomp3.jobs;

import com.mongodb.ClientSessionOptions;
import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoDatabase;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.springframework.dao.support.PersistenceExceptionTranslator;
import org.springframework.data.mongodb.MongoDatabaseFactory;

/** The same databases, with another time limit for each operation. */
record TimeLimitedDatabases(MongoDatabaseFactory databases, Duration limit)
        implements MongoDatabaseFactory {
    @Override
    public MongoDatabase getMongoDatabase() {
        return limited(databases.getMongoDatabase());
    }

    @Override
    public MongoDatabase getMongoDatabase(String name) {
        return limited(databases.getMongoDatabase(name));
    }

    private MongoDatabase limited(MongoDatabase database) {
        return database.withTimeout(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public PersistenceExceptionTranslator getExceptionTranslator() {
        return databases.getExceptionTranslator();
    }

    @Override
    public ClientSession getSession(ClientSessionOptions options) {
        return databases.getSession(options);
    }

    @Override
    public MongoDatabaseFactory withSession(ClientSession session) {
        return new TimeLimitedDatabases(databases.withSession(session), limit);
    }
}
