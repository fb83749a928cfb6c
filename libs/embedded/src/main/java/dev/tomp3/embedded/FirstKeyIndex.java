package dev.tomp3.embedded;

import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.Utils;
import de.bwaldvogel.mongo.bson.Document;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An index over the first key of an index definition: for strings and booleans by value, for times
 * by range. Without it the server reads every document. The server checks the other conditions of
 * the query on the documents that the index returns. The index is kept in memory and rebuilt at
 * each start.
 */
final class FirstKeyIndex extends Index<Object> {
    private static final Set<String> BOUNDS = Set.of("$gt", "$gte", "$lt", "$lte");

    private record Entry(Object position, Object value) {}

    private final String key;
    private final Map<Object, Entry> entries = new HashMap<>();
    private final Map<Object, Set<Object>> positions = new HashMap<>();
    private final NavigableMap<Instant, Set<Object>> positionsByTime = new TreeMap<>();

    FirstKeyIndex(String name, List<IndexKey> keys) {
        // sparse: documents without such a value are not in the index
        super(name, keys, true);
        key = keys.getFirst().getKey();
    }

    @Override
    public boolean canHandle(Document query) {
        return isText(query.get(key))
                || (query.get(key) instanceof Document condition
                        && (isOneOf(condition) || isRange(condition)));
    }

    private static boolean isOneOf(Document in) {
        return in.size() == 1
                && in.get("$in") instanceof Collection<?> values
                && values.stream().allMatch(FirstKeyIndex::isText);
    }

    private static boolean isRange(Document condition) {
        return !condition.isEmpty()
                && BOUNDS.containsAll(condition.keySet())
                && condition.values().stream().allMatch(Instant.class::isInstance);
    }

    private static boolean isText(@Nullable Object value) {
        return value instanceof String || value instanceof Boolean;
    }

    @Override
    public Iterable<Object> getPositions(Document query) {
        // a copy, because the caller changes documents while it iterates
        return found(query.get(key)).flatMap(Set::stream).toList();
    }

    private Stream<Set<Object>> found(@Nullable Object condition) {
        if (condition instanceof Document range && isRange(range))
            return within(range).values().stream();
        Stream<?> values =
                condition instanceof Document in && in.get("$in") instanceof Collection<?> some
                        ? some.stream()
                        : Stream.of(condition);
        return values.distinct().map(value -> positions.getOrDefault(value, Set.of()));
    }

    private NavigableMap<Instant, Set<Object>> within(Document range) {
        NavigableMap<Instant, Set<Object>> found = positionsByTime;
        for (Map.Entry<String, Object> bound : range.entrySet()) {
            boolean inclusive = bound.getKey().endsWith("e");
            Instant time = (Instant) bound.getValue();
            try {
                found =
                        bound.getKey().startsWith("$g")
                                ? found.tailMap(time, inclusive)
                                : found.headMap(time, inclusive);
            } catch (IllegalArgumentException e) {
                return new TreeMap<>(); // the bounds exclude each other
            }
        }
        return found;
    }

    @Override
    public void add(Document document, Object position, MongoCollection<Object> collection) {
        Object value = Utils.getSubdocumentValue(document, key);
        if (!isText(value) && !(value instanceof Instant)) return;
        entries.put(document.get("_id"), new Entry(position, value));
        positionsOf(value).add(position);
    }

    private Set<Object> positionsOf(Object value) {
        return value instanceof Instant time
                ? positionsByTime.computeIfAbsent(time, _ -> new LinkedHashSet<>())
                : positions.computeIfAbsent(value, _ -> new LinkedHashSet<>());
    }

    @Override
    public @Nullable Object remove(Document document) {
        Entry entry = entries.remove(document.get("_id"));
        if (entry == null) return null;
        Set<Object> same = positionsOf(entry.value());
        same.remove(entry.position());
        if (same.isEmpty())
            (entry.value() instanceof Instant ? positionsByTime : positions).remove(entry.value());
        return entry.position();
    }

    @Override
    public void updateInPlace(
            Document before, Document after, Object position, MongoCollection<Object> collection) {
        Entry entry = entries.get(after.get("_id"));
        Object value = Utils.getSubdocumentValue(after, key);
        if (entry != null && entry.value().equals(value)) return;
        remove(before);
        add(after, position, collection);
    }

    @Override
    public @Nullable Object getPosition(Document document) {
        Entry entry = entries.get(document.get("_id"));
        return entry == null ? null : entry.position();
    }

    @Override
    public void checkAdd(Document document, MongoCollection<Object> collection) {}

    @Override
    public void checkUpdate(Document before, Document after, MongoCollection<Object> collection) {}

    @Override
    public long getCount() {
        return entries.size();
    }

    @Override
    public long getDataSize() {
        return 0;
    }

    @Override
    public void drop() {
        entries.clear();
        positions.clear();
        positionsByTime.clear();
    }
}
