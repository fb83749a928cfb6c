package dev.tomp3.jobs.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.IndexModel;
import com.mongodb.client.model.IndexOptions;
import com.mongodb.client.model.Indexes;
import dev.tomp3.platform.Dependency.UnusableException;
import dev.tomp3.servers.MongoProxy;
import dev.tomp3.servers.MongoProxy.Treatment;
import dev.tomp3.servers.TestMongo;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bson.BsonDocument;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("back-end")
class IndexBuildTest {
    private static final List<IndexModel> INDEXES =
            List.of(
                    new IndexModel(Indexes.ascending("key"), new IndexOptions().unique(true)),
                    new IndexModel(Indexes.ascending("status", "owner._id")));

    private TestMongo mongo;
    private MongoProxy proxy;
    private MongoClient client;
    private MongoDatabase database;

    @BeforeEach
    void start() throws IOException {
        mongo = TestMongo.empty();
        proxy = mongo.proxy();
        client =
                MongoClients.create(
                        MongoClientSettings.builder()
                                .applyConnectionString(new ConnectionString(mongo.uri(proxy)))
                                .timeout(2, TimeUnit.SECONDS)
                                .build());
        database = client.getDatabase(mongo.database());
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        proxy.close();
        mongo.close();
    }

    @Test
    void is_one_command_without_a_time_limit_and_may_take_longer_than_a_request() throws Exception {
        database.getCollection("jobs").insertOne(new Document("key", 1));
        proxy.treat(
                new Treatment.Delayed(Duration.ofMillis(2200)),
                9,
                command ->
                        command.getFirstKey().equals("createIndexes")
                                && !command.containsKey("maxTimeMS")
                                && command.getArray("indexes").size() == 2);
        new IndexBuild(database, "jobs", INDEXES, Duration.ofMillis(500)).run();
        assertThat(proxy.treated()).isEqualTo(1);
        assertThat(database.getCollection("jobs").listIndexes().map(index -> index.get("name")))
                .containsExactlyInAnyOrder("_id_", "key_1", "status_1_owner._id_1");
        // existing ones do no harm
        new IndexBuild(database, "jobs", INDEXES).run();
    }

    @Test
    void names_the_command_that_drops_an_index_of_other_options() {
        database.getCollection("jobs").createIndex(Indexes.ascending("key"));
        database.getCollection("jobs").createIndex(Indexes.ascending("other"));
        proxy.treat(
                new Treatment.Replaced(
                        BsonDocument.parse(
                                "{ok: 0, code: 85, codeName: 'IndexOptionsConflict', errmsg:"
                                        + " 'key_1 exists'}")),
                1,
                command -> command.getFirstKey().equals("createIndexes"));
        assertThatThrownBy(() -> new IndexBuild(database, "jobs", INDEXES).run())
                .isInstanceOf(UnusableException.class)
                .hasMessageContaining("key_1 exists")
                .hasMessageEndingWith(
                        "start again: db.getCollection(\"jobs\").dropIndex(\"key_1\")");
    }
}
