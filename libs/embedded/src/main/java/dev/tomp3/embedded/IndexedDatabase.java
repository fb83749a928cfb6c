package dev.tomp3.embedded;

import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.DatabaseResolver;
import de.bwaldvogel.mongo.backend.EmptyIndex;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.h2.H2Database;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.oplog.Oplog;
import io.netty.channel.Channel;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.h2.mvstore.MVStore;
import org.jspecify.annotations.Nullable;

/**
 * A database with a {@link FirstKeyIndex} for each key that is the first of an index, whose unique
 * indexes, that of {@code _id} included, find the documents for queries with more conditions, too.
 *
 * <p>An answer is a copy, made while no other command uses the collection: the server changes the
 * stored documents in place, while earlier answers that contain them are still being sent.
 */
final class IndexedDatabase extends H2Database {
    /** Not initialised here, because the constructor of the superclass opens the stored indexes. */
    private @Nullable Set<String> known;

    IndexedDatabase(String name, MVStore store, CursorRegistry cursors) {
        super(name, store, cursors);
    }

    @Override
    public Document handleCommand(
            Channel channel,
            String command,
            Document query,
            DatabaseResolver databases,
            Oplog oplog) {
        String name = String.valueOf(query.get(command.equals("getMore") ? "collection" : command));
        Object collection = resolveCollection(name, false);
        if (collection == null)
            return super.handleCommand(channel, command, query, databases, oplog);
        synchronized (collection) {
            return super.handleCommand(channel, command, query, databases, oplog).cloneDeeply();
        }
    }

    @Override
    protected Index<Object> openOrCreateUniqueIndex(
            String collection, String name, List<IndexKey> keys, boolean sparse) {
        return new UniqueIndex(
                super.openOrCreateUniqueIndex(collection, name, keys, sparse), sparse);
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
