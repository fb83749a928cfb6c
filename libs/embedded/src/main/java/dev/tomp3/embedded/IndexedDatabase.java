package dev.tomp3.embedded;

import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.EmptyIndex;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.h2.H2Database;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.h2.mvstore.MVStore;
import org.jspecify.annotations.Nullable;

/** A database with a {@link FirstKeyIndex} for each key that is the first of an index. */
final class IndexedDatabase extends H2Database {
    /** Not initialised here, because the constructor of the superclass opens the stored indexes. */
    private @Nullable Set<String> known;

    IndexedDatabase(String name, MVStore store, CursorRegistry cursors) {
        super(name, store, cursors);
    }

    @Override
    protected Index<Object> openOrCreateSecondaryIndex(
            String collection, String name, List<IndexKey> keys, boolean sparse) {
        Set<String> keysSeen = known == null ? ConcurrentHashMap.newKeySet() : known;
        known = keysSeen;
        return keysSeen.add(collection + " " + keys.getFirst().getKey())
                ? new FirstKeyIndex(name, keys)
                : new EmptyIndex<>(name, keys);
    }
}
