package dev.tomp3.servers;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.bson.BsonDocument;
import org.bson.ByteBuf;
import org.bson.RawBsonDocument;
import org.bson.codecs.BsonDocumentCodec;
import org.jspecify.annotations.Nullable;

/**
 * A connection to MongoDB that treats single answers: the server has carried out the command, and
 * the client does not learn so. Everything else passes unchanged. A command is recognised by its
 * document, as in {@code command -> command.containsKey("findAndModify")}.
 */
public final class MongoProxy implements AutoCloseable {
    private static final int HEADER = 16;
    private static final int OP_MSG = 2013;

    /** Behind the header, the flags and the kind of the section. */
    private static final int DOCUMENT = HEADER + Integer.BYTES + 1;

    /** What becomes of the answer to a command. */
    public sealed interface Treatment {
        /** The connection breaks instead of the answer. */
        record Cut() implements Treatment {}

        /** The answer comes later; a client with less patience gives up before. */
        record Delayed(Duration by) implements Treatment {}

        /** Another answer comes, for example the error of a server that is no longer primary. */
        record Replaced(BsonDocument by) implements Treatment {}
    }

    /** A message of the protocol: a header of four numbers, flags, and sections. */
    private static final class Message {
        private final byte[] bytes;

        private Message(byte[] bytes) {
            this.bytes = bytes;
        }

        static Message read(DataInputStream in) throws IOException {
            int length = Integer.reverseBytes(in.readInt());
            if (length < HEADER) throw new EOFException("not MongoDB's protocol");
            byte[] bytes = new byte[length];
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(length);
            in.readFully(bytes, Integer.BYTES, length - Integer.BYTES);
            return new Message(bytes);
        }

        int id() {
            return at(4);
        }

        /** The id of the message that this one answers. */
        int answers() {
            return at(8);
        }

        boolean isCommand() {
            return at(12) == OP_MSG;
        }

        /** The first section, which is the command itself. */
        BsonDocument document() {
            return new RawBsonDocument(bytes, DOCUMENT, at(DOCUMENT));
        }

        /** The same answer, but for its document. */
        byte[] with(BsonDocument document) {
            ByteBuf content =
                    new RawBsonDocument(document, new BsonDocumentCodec()).getByteBuffer();
            byte[] answer = new byte[DOCUMENT + content.remaining()];
            ByteBuffer.wrap(answer)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(answer.length)
                    .putInt(id())
                    .putInt(answers())
                    .putInt(OP_MSG)
                    .putInt(0)
                    .put((byte) 0)
                    .put(content.asNIO());
            return answer;
        }

        private int at(int offset) {
            return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(offset);
        }
    }

    private record Rule(
            Predicate<BsonDocument> command, Treatment treatment, AtomicInteger times) {}

    private final String host;
    private final int target;
    private final ServerSocket server;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger treated = new AtomicInteger();
    private volatile @Nullable Rule rule;

    /** To a server; clients connect to {@link #port} on the loopback address. */
    public MongoProxy(String host, int target) throws IOException {
        this.host = host;
        this.target = target;
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    /** Treats the answers to the next commands that match, this many times. */
    public void treat(Treatment treatment, int times, Predicate<BsonDocument> command) {
        treated.set(0);
        rule = new Rule(command, treatment, new AtomicInteger(times));
    }

    /** Every answer passes again. */
    public void pass() {
        rule = null;
    }

    /** How many answers were treated since {@link #treat} was called. */
    public int treated() {
        return treated.get();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                connect(server.accept());
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void connect(Socket client) throws IOException {
        sockets.add(client);
        try {
            Socket far = new Socket(host, target);
            sockets.add(far);
            Map<Integer, Treatment> treatments = new ConcurrentHashMap<>();
            Thread.ofVirtual().start(() -> passCommands(client, far, treatments));
            Thread.ofVirtual().start(() -> passAnswers(far, client, treatments));
        } catch (IOException e) {
            client.close(); // the server is away
        }
    }

    private void passCommands(Socket from, Socket to, Map<Integer, Treatment> treatments) {
        try (from;
                to) {
            DataInputStream in = new DataInputStream(from.getInputStream());
            OutputStream out = to.getOutputStream();
            while (true) {
                Message message = Message.read(in);
                Treatment treatment = treatmentOf(message);
                if (treatment != null) treatments.put(message.id(), treatment);
                out.write(message.bytes);
            }
        } catch (IOException e) {
            return; // the connection ends
        } finally {
            sockets.remove(from);
        }
    }

    private void passAnswers(Socket from, Socket to, Map<Integer, Treatment> treatments) {
        try (from;
                to) {
            DataInputStream in = new DataInputStream(from.getInputStream());
            OutputStream out = to.getOutputStream();
            while (true) {
                Message message = Message.read(in);
                switch (treatments.remove(message.answers())) {
                    case null -> out.write(message.bytes);
                    case Treatment.Cut _ -> {
                        treated.incrementAndGet();
                        return;
                    }
                    case Treatment.Delayed(Duration by) -> {
                        treated.incrementAndGet();
                        Thread.sleep(by);
                        out.write(message.bytes);
                    }
                    case Treatment.Replaced(BsonDocument by) -> {
                        treated.incrementAndGet();
                        out.write(message.with(by));
                    }
                }
            }
        } catch (IOException e) {
            return; // the connection ends
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            sockets.remove(from);
        }
    }

    private @Nullable Treatment treatmentOf(Message message) {
        Rule current = rule;
        if (current == null || !message.isCommand()) return null;
        if (!current.command().test(message.document())) return null;
        return current.times().getAndDecrement() > 0 ? current.treatment() : null;
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) socket.close();
    }
}
