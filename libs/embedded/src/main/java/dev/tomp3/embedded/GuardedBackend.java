package dev.tomp3.embedded;

import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.bson.BinData;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import de.bwaldvogel.mongo.exception.MongoServerException;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import de.bwaldvogel.mongo.wire.message.MongoQuery;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.jspecify.annotations.Nullable;

/**
 * The store behind {@link EmbeddedMongo}. Adds to the server what current drivers need ({@code
 * hello}), authentication and durability.
 *
 * <p>Before a client has authenticated, only the handshake is answered. A write is committed before
 * it is acknowledged; the server itself would write it within a second.
 */
final class GuardedBackend extends H2Backend {
    private static final Set<String> UNAUTHENTICATED =
            Set.of("hello", "ismaster", "saslstart", "saslcontinue", "ping", "buildinfo");
    private static final AttributeKey<Scram.Exchange> EXCHANGE =
            AttributeKey.valueOf(GuardedBackend.class, "exchange");
    private static final AttributeKey<Boolean> AUTHENTICATED =
            AttributeKey.valueOf(GuardedBackend.class, "authenticated");

    private final @Nullable Path file;
    private final Scram scram;
    private final MVMap<String, Long> commits;
    private final AtomicLong commitCount = new AtomicLong();

    /**
     * @param file of the store; null in memory
     */
    GuardedBackend(MVStore store, @Nullable Path file, Scram scram) {
        super(store);
        this.file = file;
        this.scram = scram;
        this.commits = store.openMap("commits");
    }

    @Override
    protected MongoDatabase openOrCreateDatabase(String name) {
        return new IndexedDatabase(name, getMvStore(), getCursorRegistry());
    }

    /** Answers errors as the server does, but without logging them: that is up to the client. */
    @Override
    public Document handleMessage(MongoMessage message) {
        try {
            return super.handleMessage(message);
        } catch (MongoServerException e) {
            Document answer =
                    new Document("ok", 0).append("errmsg", e.getMessageWithoutErrorCode());
            if (e instanceof MongoServerError error) {
                answer.append("code", error.getCode());
                answer.putIfNotNull("codeName", error.getCodeName());
            }
            return answer;
        }
    }

    @Override
    public QueryResult handleQuery(MongoQuery query) {
        requireAuthentication(query.getChannel(), "query");
        return super.handleQuery(query);
    }

    @Override
    public Document handleCommand(
            Channel channel, String database, String command, Document query) {
        String name = command.toLowerCase(Locale.ROOT);
        if (!UNAUTHENTICATED.contains(name)) {
            requireAuthentication(channel, command);
        }
        if (name.equals("insert") && file != null && ReservedFilePath.isLow(file)) {
            throw new MongoServerError(14031, "OutOfDiskSpace", "the disk of this server is full");
        }
        return switch (name) {
            case "hello", "ismaster" -> hello(channel, database, query);
            case "saslstart" -> saslStart(channel, query);
            case "saslcontinue" -> saslContinue(channel, query);
            case "dbstats" -> withDisk(super.handleCommand(channel, database, command, query));
            case "endsessions" -> new Document("ok", 1.0);
            case "insert",
                    "update",
                    "delete",
                    "findandmodify",
                    "createindexes",
                    "dropindexes",
                    "create",
                    "drop",
                    "dropdatabase",
                    "renamecollection" -> {
                Document answer = super.handleCommand(channel, database, command, query);
                if (!String.valueOf(query.get(command)).endsWith(".chunks")) {
                    commit();
                }
                yield answer;
            }
            default -> super.handleCommand(channel, database, command, query);
        };
    }

    /**
     * Returns when everything written so far is in the file. If a background save has just started,
     * the commit of the store finds nothing to do and returns at once; the additional change here
     * makes it wait for that save.
     */
    @Override
    public void commit() {
        commits.put("count", commitCount.incrementAndGet());
        super.commit();
    }

    private Document hello(Channel channel, String database, Document query) {
        Document answer =
                super.handleCommand(channel, database, "ismaster", query)
                        .append("isWritablePrimary", true);
        return query.containsKey("saslSupportedMechs")
                ? answer.append("saslSupportedMechs", List.of(Scram.MECHANISM))
                : answer;
    }

    private Document withDisk(Document stats) {
        if (file == null) return stats;
        try {
            FileStore disk = Files.getFileStore(file);
            double total = disk.getTotalSpace();
            return stats.append("fsTotalSize", total)
                    .append("fsUsedSize", total - disk.getUsableSpace());
        } catch (IOException e) {
            return stats;
        }
    }

    private Document saslStart(Channel channel, Document query) {
        if (!Scram.MECHANISM.equals(query.get("mechanism"))) {
            throw authenticationFailed();
        }
        try {
            Scram.Exchange exchange = scram.begin(payload(query));
            channel.attr(EXCHANGE).set(exchange);
            return answer(exchange.challenge(), false);
        } catch (Scram.AuthenticationFailed e) {
            throw authenticationFailed();
        }
    }

    private Document saslContinue(Channel channel, Document query) {
        Scram.Exchange exchange = channel.attr(EXCHANGE).getAndSet(null);
        if (exchange == null) {
            throw authenticationFailed();
        }
        try {
            String proof = exchange.finish(payload(query));
            channel.attr(AUTHENTICATED).set(true);
            return answer(proof, true);
        } catch (Scram.AuthenticationFailed e) {
            throw authenticationFailed();
        }
    }

    private static void requireAuthentication(Channel channel, String command) {
        if (!Boolean.TRUE.equals(channel.attr(AUTHENTICATED).get())) {
            throw new MongoServerError(
                    13, "Unauthorized", "command " + command + " requires authentication");
        }
    }

    private static MongoServerError authenticationFailed() {
        return new MongoServerError(18, "AuthenticationFailed", "Authentication failed.");
    }

    private static String payload(Document query) {
        if (query.get("payload") instanceof BinData data) {
            return new String(data.getData(), StandardCharsets.UTF_8);
        }
        throw authenticationFailed();
    }

    private static Document answer(String payload, boolean done) {
        return new Document("conversationId", 1)
                .append("done", done)
                .append("payload", new BinData(payload.getBytes(StandardCharsets.UTF_8)))
                .append("ok", 1.0);
    }
}
