package dev.tomp3.jobs.media;

import com.mongodb.MongoException;
import com.mongodb.client.MongoCollection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.bson.Document;

/**
 * What is stored in a GridFS bucket, in pages, so that the action may take its time. Files of other
 * tools are left out.
 *
 * @param files the complete files
 * @param chunks of all files
 * @param writing the notes on files that are being written or deleted
 */
record GridFsListing(
        MongoCollection<Document> files,
        MongoCollection<Document> chunks,
        MongoCollection<Document> writing) {
    private static final int PAGE = 1000;
    private static final Document ID = new Document("_id", 1);

    /** Listing and deleting may take longer than a request. */
    static MongoCollection<Document> maintenance(MongoCollection<Document> collection) {
        return collection.withTimeout(10, TimeUnit.MINUTES);
    }

    /** Files, complete or noted. */
    void forEachId(Consumer<String> action) throws IOException {
        try {
            forEachId(files, action);
            forEachId(
                    writing,
                    id -> {
                        if (files.find(new Document("_id", id)).first() == null) action.accept(id);
                    });
        } catch (MongoException e) {
            throw new IOException("GridFS could not list its files", e);
        }
    }

    private static void forEachId(MongoCollection<Document> collection, Consumer<String> action) {
        List<String> page = page(collection, "");
        while (!page.isEmpty()) {
            page.forEach(action);
            page = page(collection, page.getLast());
        }
    }

    /** The next ids in order. Those of other tools are no strings, and are at the end of all. */
    private static List<String> page(MongoCollection<Document> collection, String after) {
        List<String> ids = new ArrayList<>();
        Document later = new Document("_id", new Document("$gt", after));
        for (Document each :
                maintenance(collection).find(later).projection(ID).sort(ID).limit(PAGE))
            if (each.get("_id") instanceof String id) ids.add(id);
        return ids;
    }

    /** Files of which there are chunks alone. The index of all chunks is read. */
    void forEachStray(Consumer<String> action) throws IOException {
        Document own = new Document("files_id", new Document("$gte", ""));
        List<Document> byFile =
                List.of(
                        new Document("$match", own),
                        new Document("$group", new Document("_id", "$files_id")));
        List<String> page = new ArrayList<>();
        try {
            for (Document group : maintenance(chunks).aggregate(byFile).allowDiskUse(true)) {
                if (group.get("_id") instanceof String id) page.add(id);
                if (page.size() < PAGE) continue;
                strays(page).forEach(action);
                page.clear();
            }
            strays(page).forEach(action);
        } catch (MongoException e) {
            throw new IOException("GridFS could not list its chunks", e);
        }
    }

    /** The note is looked for first: it is removed once the file is complete. */
    private Set<String> strays(List<String> ids) {
        Set<String> strays = new LinkedHashSet<>(ids);
        Document which = new Document("_id", new Document("$in", ids));
        for (MongoCollection<Document> known : List.of(writing, files))
            for (Document each : known.find(which).projection(ID))
                strays.remove(each.getString("_id"));
        return strays;
    }
}
