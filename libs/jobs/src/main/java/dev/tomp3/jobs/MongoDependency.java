package dev.tomp3.jobs;

import com.mongodb.client.MongoClient;
import com.mongodb.connection.ClusterConnectionMode;
import dev.tomp3.platform.Dependency;
import dev.tomp3.platform.NanoClock;
import java.util.Date;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.mongodb.core.MongoTemplate;

/**
 * MongoDB: creates the indexes, asks for the store's time with every probe, and warns of an address
 * that does not follow a failover.
 */
final class MongoDependency implements Dependency {
    private static final Logger log = LoggerFactory.getLogger(MongoDependency.class);
    private static final Document HELLO = new Document("hello", 1);

    private final JobDocuments documents;
    private final MongoTemplate mongo;
    private final MongoClient client;
    private final StoreClock storeClock;
    private final @Nullable Restores restores;
    private final NanoClock nanoClock;
    private volatile String activity = "connecting";

    /**
     * @param restores null in a service that deletes nothing
     */
    MongoDependency(
            JobDocuments documents,
            MongoClient client,
            StoreClock storeClock,
            @Nullable Restores restores,
            NanoClock nanoClock) {
        this.documents = documents;
        this.mongo = documents.mongo();
        this.client = client;
        this.storeClock = storeClock;
        this.restores = restores;
        this.nanoClock = nanoClock;
    }

    @Override
    public String name() {
        return "mongodb";
    }

    @Override
    public void initialize() throws UnusableException {
        activity = "connecting";
        Document hello = hello();
        Object set = hello.get("setName");
        ClusterConnectionMode mode = client.getClusterDescription().getConnectionMode();
        if (set != null && mode == ClusterConnectionMode.SINGLE) {
            log.warn(
                    "MONGODB_URI addresses one server of the replica set {}. Add replicaSet={} to"
                            + " it, or the services will not follow a failover",
                    set,
                    set);
        }
        activity = "building the indexes";
        documents.createIndexes();
        WebhookDocuments.createIndexes(mongo);
        // before the first job of this version, which is not restored
        if (restores != null) restores.check();
    }

    @Override
    public String activity() {
        return activity;
    }

    @Override
    public void probe() {
        hello();
    }

    private Document hello() {
        long asked = nanoClock.nanoTime();
        Document hello = mongo.executeCommand(HELLO);
        if (hello.get("localTime") instanceof Date time)
            storeClock.answered(time.toInstant(), asked);
        return hello;
    }
}
