package dev.tomp3.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.bson.Document;
import java.time.Instant;
import java.util.List;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which queries read only what they find, and not every document. */
class IndexedDatabaseTest {
    private static final Instant TIME = Instant.parse("2026-01-01T00:00:00Z");

    private final MVStore store = MVStore.open(null);
    private final IndexedDatabase database =
            new IndexedDatabase("tomp3", store, new CursorRegistry());

    @AfterEach
    void close() {
        store.close();
    }

    private Index<Object> filled(Index<Object> index) {
        for (int i = 0; i < 3; i++) {
            index.add(
                    new Document("_id", i).append("due", TIME.plusSeconds(i)),
                    "position " + i,
                    null);
        }
        return index;
    }

    @Test
    void a_query_for_an_id_with_other_conditions_reads_one_document() {
        Index<Object> ids =
                filled(
                        database.openOrCreateUniqueIndex(
                                "jobs", "_id_", List.of(new IndexKey("_id", true)), false));
        Document other = new Document("status", "converting").append("lease.worker", "w");

        Document one = other.clone();
        one.put("_id", 1);
        assertThat(ids.canHandle(one)).isTrue();
        assertThat(ids.getPositions(one)).containsExactly("position 1");

        Document some = other.clone();
        some.put("_id", new Document("$in", List.of(0, 2, 7)));
        assertThat(ids.canHandle(some)).isTrue();
        assertThat(ids.getPositions(some)).containsExactly("position 0", "position 2");

        assertThat(ids.canHandle(other)).isFalse();
    }

    @Test
    void a_query_for_a_range_of_times_reads_the_documents_of_that_range() {
        Index<Object> due =
                filled(
                        database.openOrCreateSecondaryIndex(
                                "deliveries", "due_1", List.of(new IndexKey("due", true)), false));

        Document query =
                new Document("due", new Document("$lte", TIME.plusSeconds(1)))
                        .append("webhook", new Document("$nin", List.of("a")));
        assertThat(due.canHandle(query)).isTrue();
        assertThat(due.getPositions(query)).containsExactly("position 0", "position 1");
    }
}
