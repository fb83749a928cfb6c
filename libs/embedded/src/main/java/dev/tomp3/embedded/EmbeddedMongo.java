package dev.tomp3.embedded;

import de.bwaldvogel.mongo.MongoServer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.h2.mvstore.MVStore;
import org.jspecify.annotations.Nullable;

/**
 * A server for the protocol of MongoDB in this JVM. It listens on the loopback address only and has
 * a single user.
 *
 * <p>With a file, a write is passed to the operating system before it is acknowledged, and survives
 * a SIGKILL of the JVM. GridFS chunks are the exception: they are written with the file document
 * that follows them.
 *
 * <p>A full disk does not close the store, see {@link ReservedFile}: inserts fail, as those of
 * MongoDB do, and everything else goes on with the reserve.
 *
 * <p>There are no transactions, sessions, TTL or partial indexes. A query reads the whole
 * collection unless it names an {@code _id} or the first key of an index, see {@link
 * FirstKeyIndex}.
 */
public final class EmbeddedMongo implements AutoCloseable {
    private final MongoServer server;
    private final String credentials;
    private final int port;

    private EmbeddedMongo(MongoServer server, String credentials) {
        this.server = server;
        this.credentials = credentials;
        this.port = server.getLocalAddress().getPort();
    }

    /**
     * Starts a server.
     *
     * @param relative the file for the documents; null keeps them in memory
     * @param port 0 for a free one
     */
    public static EmbeddedMongo start(
            @Nullable Path relative, int port, String user, String password) {
        Path file = relative == null ? null : relative.toAbsolutePath();
        MVStore store = MVStore.open(file == null ? null : ReservedFilePath.name(file));
        MongoServer server =
                new MongoServer(new GuardedBackend(store, file, new Scram(user, password)));
        try {
            server.bind("127.0.0.1", port);
        } catch (RuntimeException e) {
            server.shutdownNow();
            throw e;
        }
        return new EmbeddedMongo(server, encode(user) + ":" + encode(password));
    }

    /** The URI of a database. It contains the password and must not be logged. */
    public String uri(String database) {
        return "mongodb://%s@127.0.0.1:%d/%s?authSource=admin"
                .formatted(credentials, port, database);
    }

    /** The port it listens on. */
    public int port() {
        return port;
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private static String encode(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
