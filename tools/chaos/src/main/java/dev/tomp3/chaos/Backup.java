package dev.tomp3.chaos;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bson.RawBsonDocument;
import org.jspecify.annotations.Nullable;

/**
 * All documents of the MongoDB at about one time. They are in files: with the media, they do not
 * fit into memory.
 *
 * @param collections files of BSON documents by collection
 * @param settled ids of the settled jobs in it
 * @param waiting ids of the jobs in it that wait for a converter or are being converted
 */
record Backup(Map<String, Path> collections, Set<String> settled, Set<String> waiting)
        implements AutoCloseable {
    private static final int BATCH = 500;
    private static final long BATCH_BYTES = 16 << 20;

    static Path dump(MongoCollection<RawBsonDocument> collection) throws IOException {
        Path file = Files.createTempFile("backup", ".bson");
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            for (RawBsonDocument document :
                    collection
                            .find()
                            // the embedded server answers as much as it is asked for
                            .batchSize(20)) {
                ByteBuffer bytes = document.getByteBuffer().asNIO();
                out.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
            }
        }
        return file;
    }

    void restoreTo(MongoDatabase database) throws IOException {
        for (Map.Entry<String, Path> entry : collections.entrySet())
            load(database.getCollection(entry.getKey(), RawBsonDocument.class), entry.getValue());
    }

    private static void load(MongoCollection<RawBsonDocument> into, Path file) throws IOException {
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            List<RawBsonDocument> batch = new ArrayList<>();
            long bytes = 0;
            for (byte[] next = next(in); next != null; next = next(in)) {
                if (batch.size() == BATCH || bytes + next.length > BATCH_BYTES) {
                    into.insertMany(batch);
                    batch.clear();
                    bytes = 0;
                }
                batch.add(new RawBsonDocument(next));
                bytes += next.length;
            }
            if (!batch.isEmpty()) into.insertMany(batch);
        }
    }

    /** A document begins with its length, with the least significant byte first. */
    private static byte @Nullable [] next(DataInputStream in) throws IOException {
        byte[] length = in.readNBytes(Integer.BYTES);
        if (length.length == 0) return null;
        int size = ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getInt();
        byte[] document = Arrays.copyOf(length, size);
        in.readFully(document, Integer.BYTES, size - Integer.BYTES);
        return document;
    }

    @Override
    public void close() throws IOException {
        for (Path file : collections.values()) Files.delete(file);
    }
}
