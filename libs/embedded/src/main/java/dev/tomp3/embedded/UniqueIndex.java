package dev.tomp3.embedded;

import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * A unique index of the server that is also used for queries with conditions on other fields. The
 * server's own answers only queries for its keys and nothing else; for all others, as an update of
 * the job with this id that has this lease, the server reads every document.
 */
final class UniqueIndex extends Index<Object> {
    private final Index<Object> index;

    UniqueIndex(Index<Object> index, boolean sparse) {
        super(index.getName(), index.getKeys(), sparse);
        this.index = index;
    }

    private Document onlyKeys(Document query) {
        Document only = new Document();
        for (String key : keys()) if (query.containsKey(key)) only.put(key, query.get(key));
        return only;
    }

    @Override
    public boolean canHandle(Document query) {
        return index.canHandle(onlyKeys(query));
    }

    @Override
    public Iterable<Object> getPositions(Document query) {
        return index.getPositions(onlyKeys(query));
    }

    @Override
    public @Nullable Object getPosition(Document document) {
        return index.getPosition(document);
    }

    @Override
    public void checkAdd(Document document, MongoCollection<Object> collection) {
        index.checkAdd(document, collection);
    }

    @Override
    public void add(Document document, Object position, MongoCollection<Object> collection) {
        index.add(document, position, collection);
    }

    @Override
    public @Nullable Object remove(Document document) {
        return index.remove(document);
    }

    @Override
    public void checkUpdate(Document before, Document after, MongoCollection<Object> collection) {
        index.checkUpdate(before, after, collection);
    }

    @Override
    public void updateInPlace(
            Document before, Document after, Object position, MongoCollection<Object> collection) {
        index.updateInPlace(before, after, position, collection);
    }

    @Override
    public boolean isUnique() {
        return true;
    }

    @Override
    public long getCount() {
        return index.getCount();
    }

    @Override
    public boolean isEmpty() {
        return index.isEmpty();
    }

    @Override
    public long getDataSize() {
        return index.getDataSize();
    }

    @Override
    public void drop() {
        index.drop();
    }
}
