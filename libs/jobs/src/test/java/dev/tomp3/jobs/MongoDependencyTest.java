package dev.tomp3.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import dev.tomp3.servers.MongoProxy.Treatment;
import java.io.IOException;
import java.util.Objects;
import org.bson.BsonDocument;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@Tag("back-end")
@ExtendWith(OutputCaptureExtension.class)
class MongoDependencyTest {
    private static final String WARNING = "Add replicaSet=rs0 to it";

    @Test
    void takes_over_the_time_of_the_store(CapturedOutput log) throws Exception {
        try (Store store = Store.behindProxy();
                MongoClient addressed = MongoClients.create("mongodb://localhost")) {
            StoreClock clock = new StoreClock(store.clock, System::nanoTime);
            dependency(store, addressed, clock).initialize();
            assertThat(clock.clock().instant()).isNotEqualTo(store.clock.instant());
            assertThat(clock.isTrusted()).isFalse(); // the test's clock is another one
        }
        assertThat(log).doesNotContain(WARNING);
    }

    @Test
    void warns_of_an_address_that_names_one_member_of_a_set(CapturedOutput log) throws Exception {
        try (Store store = Store.behindProxy();
                MongoClient addressed = MongoClients.create("mongodb://localhost")) {
            setName(store);
            dependency(store, addressed, new StoreClock(store.clock, System::nanoTime))
                    .initialize();
        }
        assertThat(log).contains(WARNING);
    }

    @Test
    void does_not_warn_of_an_address_that_names_the_set(CapturedOutput log) throws Exception {
        try (Store store = Store.behindProxy();
                MongoClient addressed =
                        MongoClients.create("mongodb://localhost/?replicaSet=rs0")) {
            setName(store);
            dependency(store, addressed, new StoreClock(store.clock, System::nanoTime))
                    .initialize();
        }
        assertThat(log).doesNotContain(WARNING);
    }

    private static void setName(Store store) throws IOException {
        Objects.requireNonNull(store.proxy)
                .treat(
                        new Treatment.Replaced(BsonDocument.parse("{ok: 1, setName: 'rs0'}")),
                        1,
                        command -> command.containsKey("hello") && !command.containsKey("client"));
    }

    private static MongoDependency dependency(Store store, MongoClient client, StoreClock clock) {
        return new MongoDependency(store.documents, client, clock, null, System::nanoTime);
    }
}
