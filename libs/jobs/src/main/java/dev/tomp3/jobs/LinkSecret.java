package dev.tomp3.jobs;

import java.security.SecureRandom;
import java.util.Objects;
import java.util.function.Supplier;
import javax.crypto.spec.SecretKeySpec;
import org.bson.Document;
import org.bson.types.Binary;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.mongodb.core.MongoTemplate;

/**
 * The secret that signs links: a random document in MongoDB, which the first process that needs it
 * inserts, so that all gateways and notifiers make and accept the same links. Deleting the document
 * and restarting the services makes all links invalid.
 */
final class LinkSecret implements Supplier<SecretKeySpec> {
    private static final String COLLECTION = "secrets";
    private static final String ID = "links";
    private static final String KEY = "key";
    private static final int BYTES = 32;

    private final MongoTemplate mongo;
    private volatile @Nullable SecretKeySpec known;

    LinkSecret(MongoTemplate mongo) {
        this.mongo = mongo;
    }

    @Override
    public SecretKeySpec get() {
        SecretKeySpec secret = known;
        if (secret == null) known = secret = new SecretKeySpec(read(), DownloadLinks.ALGORITHM);
        return secret;
    }

    private byte[] read() {
        Document stored = find();
        if (stored == null) {
            byte[] random = new byte[BYTES];
            new SecureRandom().nextBytes(random);
            try {
                mongo.insert(new Document("_id", ID).append(KEY, new Binary(random)), COLLECTION);
                return random;
            } catch (DuplicateKeyException e) {
                stored = Objects.requireNonNull(find()); // another process was faster
            }
        }
        return stored.get(KEY, Binary.class).getData();
    }

    private @Nullable Document find() {
        return mongo.findById(ID, Document.class, COLLECTION);
    }
}
