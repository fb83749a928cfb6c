package dev.tomp3.servers;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import dev.tomp3.embedded.EmbeddedMongo;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * An empty database of one's own on the document store that was chosen; with the embedded one, a
 * store of one's own.
 */
public final class TestMongo implements AutoCloseable {
    private static final int PORT = 27017;
    private static final String USER = "tomp3";
    private static final String PASSWORD = "secret";

    private static @Nullable Container shared;

    private final @Nullable Container own;
    private final @Nullable Path file;
    private final URI server;
    private @Nullable EmbeddedMongo embedded;
    private final String database = "tomp3-" + UUID.randomUUID();

    private TestMongo(
            @Nullable Container own,
            @Nullable EmbeddedMongo embedded,
            @Nullable Path file,
            URI server) {
        this.own = own;
        this.embedded = embedded;
        this.file = file;
        this.server = server;
    }

    public static TestMongo empty() {
        return empty(null);
    }

    /** Whether the server is a stand-in in this JVM, which is slow with many documents. */
    public static boolean isEmbedded() {
        return Server.MONGODB.named().isEmpty() && Server.MONGODB.embedded();
    }

    /**
     * For much data.
     *
     * @param file where the embedded store keeps its documents; null keeps them in memory
     */
    public static TestMongo empty(@Nullable Path file) {
        String named = Server.MONGODB.named().orElse(null);
        if (named != null) {
            URI uri = URI.create(named);
            Server.MONGODB.say(uri.getHost() + ":" + uri.getPort());
            return new TestMongo(null, null, null, uri);
        }
        if (Server.MONGODB.embedded()) {
            Server.MONGODB.say("mongo-java-server in this JVM");
            EmbeddedMongo embedded = EmbeddedMongo.start(file, 0, USER, PASSWORD);
            return new TestMongo(null, embedded, file, URI.create(embedded.uri("")));
        }
        synchronized (TestMongo.class) {
            if (shared == null) shared = container();
            return new TestMongo(null, null, null, uri(shared));
        }
    }

    /**
     * One that no other test uses, so that it can end; a named server cannot.
     *
     * @param file where the embedded one keeps its documents
     */
    public static TestMongo alone(Path file) {
        if (Server.MONGODB.embedded() || Server.MONGODB.named().isPresent()) return empty(file);
        Container container = container();
        return new TestMongo(container, null, null, uri(container));
    }

    /** Whether {@link #down} is possible. */
    public boolean canEnd() {
        return own != null || file != null;
    }

    /** The server ends without a warning; what is on its disk stays there. */
    public void down() {
        if (own != null) own.down();
        else Objects.requireNonNull(embedded).close();
    }

    /** Whether {@link #pause} is possible. */
    public boolean canPause() {
        return own != null;
    }

    /** Its processes stop, and its connections stand. */
    public void pause() {
        Objects.requireNonNull(own).pause();
    }

    public void unpause() {
        Objects.requireNonNull(own).unpause();
    }

    /** It begins again, where it was. Returns when it serves. */
    public void up() {
        if (own != null) own.up();
        else embedded = EmbeddedMongo.start(file, server.getPort(), USER, PASSWORD);
    }

    private static Container container() {
        Container container =
                Container.started(
                        Server.MONGODB,
                        Map.of(
                                "MONGO_INITDB_ROOT_USERNAME",
                                Container.USER,
                                "MONGO_INITDB_ROOT_PASSWORD",
                                Container.PASSWORD),
                        TestMongo::ask,
                        PORT);
        Server.MONGODB.say("a container of " + Server.MONGODB.image());
        return container;
    }

    private static URI uri(Container container) {
        return URI.create(
                "mongodb://%s:%s@%s:%d/?authSource=admin"
                        .formatted(
                                Container.USER,
                                Container.PASSWORD,
                                container.getHost(),
                                container.port(PORT)));
    }

    private static void ask(Container container) {
        String patience = "&serverSelectionTimeoutMS=2000&connectTimeoutMS=2000";
        try (MongoClient client = MongoClients.create(uri(container) + patience)) {
            client.getDatabase("admin").runCommand(new Document("ping", 1));
        }
    }

    /** The name of the database. */
    public String database() {
        return database;
    }

    /** Its address with user and password. */
    public String uri() {
        return uri(database);
    }

    /** The address of another database of the same server. */
    public String uri(String database) {
        return uri(server.getAuthority(), database);
    }

    /** The same, on the other end of a wire. */
    public String uri(Wire wire) {
        return uriAt(wire.port());
    }

    /** The same, through a proxy. */
    public String uri(MongoProxy proxy) {
        return uriAt(proxy.port());
    }

    private String uriAt(int port) {
        String login = server.getRawUserInfo();
        return uri((login == null ? "" : login + "@") + "127.0.0.1:" + port, database);
    }

    private String uri(String authority, String database) {
        String query = server.getRawQuery();
        return "mongodb://%s/%s%s".formatted(authority, database, query == null ? "" : "?" + query);
    }

    /** A connection to it that can be cut. */
    public Wire wire() throws IOException {
        return new Wire(server.getHost(), serverPort());
    }

    /** A connection to it whose answers can be lost. */
    public MongoProxy proxy() throws IOException {
        return new MongoProxy(server.getHost(), serverPort());
    }

    private int serverPort() {
        return server.getPort() < 0 ? PORT : server.getPort();
    }

    @Override
    public void close() {
        if (embedded != null) {
            embedded.close();
            return;
        }
        if (own != null) {
            own.stop();
            return;
        }
        try (MongoClient client = MongoClients.create(uri())) {
            client.getDatabase(database).drop();
        }
    }
}
