package dev.tomp3.chaos;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import dev.tomp3.jobs.queue.Event;
import dev.tomp3.servers.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * What goes wrong all the time: connections and clients that break off, messages that come twice.
 */
final class LightFaults {
    /** Where the broker publishes to: everything is routed by the name of its queue. */
    private static final String EXCHANGE = "tomp3.work";

    private final Deployed tomp3;
    private final Documents documents;
    private final Ledger ledger;
    private final Client client;
    private final List<Sample> samples;
    private final Random random;
    private int garbage;

    LightFaults(
            Deployed tomp3,
            Documents documents,
            Ledger ledger,
            Client client,
            List<Sample> samples,
            Random random) {
        this.tomp3 = tomp3;
        this.documents = documents;
        this.ledger = ledger;
        this.client = client;
        this.samples = samples;
        this.random = random;
    }

    Map<String, Callable<?>> all() {
        Map<String, Callable<?>> all = new LinkedHashMap<>();
        all.put("connection to the broker cut", () -> cut(BackEnd.BROKER));
        all.put("connection to MongoDB cut", () -> cut(BackEnd.DOCUMENTS));
        all.put("connection to MySQL cut", () -> cut(BackEnd.USERS));
        all.put("connection to auth cut", () -> cut(BackEnd.AUTH));
        all.put("connection delayed", this::delay);
        all.put("message of a job twice", this::jobTwice);
        all.put("message to an owner twice", this::ownerTwice);
        all.put("message that nobody can read", this::unreadable);
        all.put("client gone in its upload", this::goneInUpload);
        all.put("client gone in its download", this::goneInDownload);
        all.put("client that sends a byte a second", this::trickle);
        all.put("job cancelled at any moment", this::cancelled);
        all.put("one key on both gateways at once", this::sameKey);
        return all;
    }

    /** So many messages nobody can read were sent since the broker forgot everything. */
    int garbage() {
        return garbage;
    }

    private URI gateway() {
        return tomp3.gateways().get(random.nextInt(2));
    }

    private Wire wire(BackEnd backEnd) {
        List<Wire> wires = tomp3.wires(backEnd).toList();
        return wires.get(random.nextInt(wires.size()));
    }

    private Object cut(BackEnd backEnd) throws IOException, InterruptedException {
        Wire wire = wire(backEnd);
        wire.cut();
        Thread.sleep(50 + random.nextInt(300));
        wire.mend();
        return wire;
    }

    private Object delay() throws InterruptedException {
        Wire wire = wire(random.nextBoolean() ? BackEnd.BROKER : BackEnd.DOCUMENTS);
        wire.slow(Duration.ofMillis(20 + random.nextInt(180)));
        Thread.sleep(1500);
        wire.slow(Duration.ZERO);
        return wire;
    }

    private Object jobTwice() throws IOException, TimeoutException {
        List<Documents.Progress> converting = documents.in("CONVERTING");
        List<Upload> known = List.copyOf(ledger.all());
        String id =
                converting.isEmpty()
                        ? known.get(random.nextInt(known.size())).id
                        : converting.getFirst().id();
        return publish("video", new Event.VideoUploaded(id));
    }

    private Object ownerTwice() throws IOException, TimeoutException {
        List<Upload> settled =
                ledger.all().stream().filter(one -> one.verified && !one.deleted).toList();
        if (settled.isEmpty()) return settled;
        Upload one = settled.get(random.nextInt(settled.size()));
        return publish(
                "mp3",
                one.failure == null
                        ? new Event.Mp3Ready(one.id, "")
                        : new Event.ConversionFailed(one.id, ""));
    }

    private Object unreadable() throws IOException, TimeoutException {
        String queue = random.nextBoolean() ? "video" : "mp3";
        publish(queue, "{\"type\":\"Rubbish\"".getBytes(StandardCharsets.UTF_8));
        garbage++;
        return queue;
    }

    private Object publish(String queue, Event event) throws IOException, TimeoutException {
        return publish(queue, Event.JSON.writeValueAsBytes(event));
    }

    private Object publish(String queue, byte[] body) throws IOException, TimeoutException {
        ConnectionFactory broker = broker(tomp3);
        try (Connection connection = broker.newConnection();
                var channel = connection.createChannel()) {
            channel.confirmSelect();
            channel.basicPublish(EXCHANGE, queue, MessageProperties.PERSISTENT_TEXT_PLAIN, body);
            channel.waitForConfirms(5000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return queue;
    }

    static ConnectionFactory broker(Deployed tomp3) {
        ConnectionFactory broker = new ConnectionFactory();
        broker.setHost(tomp3.broker.host());
        broker.setPort(tomp3.broker.port());
        broker.setUsername(tomp3.broker.user());
        broker.setPassword(tomp3.broker.password());
        broker.setVirtualHost(tomp3.broker.virtualHost());
        broker.setConnectionTimeout(3000);
        return broker;
    }

    private Sample sample() {
        return samples.get(random.nextInt(samples.size()));
    }

    private Object goneInUpload() throws InterruptedException, IOException {
        Sample sample = sample();
        byte[] bytes = Files.readAllBytes(sample.file());
        byte[] some = Arrays.copyOf(bytes, bytes.length / 2);
        return broken(sample, () -> new BreakingOff(some, Duration.ZERO));
    }

    private Object trickle() throws InterruptedException {
        Sample sample = samples.getFirst();
        return broken(sample, () -> new BreakingOff(new byte[3], Duration.ofSeconds(1)));
    }

    private Object broken(Sample sample, Supplier<InputStream> body) throws InterruptedException {
        try {
            int status =
                    client.upload(gateway(), sample, null, BodyPublishers.ofInputStream(body))
                            .status();
            if (status == 202)
                ledger.complain(Complaint.Kind.WRONG, "half an upload is answered 202");
        } catch (IOException e) {
            return e; // as it must be
        }
        return sample;
    }

    private Object goneInDownload() throws InterruptedException {
        for (Upload upload : ledger.all()) {
            if (upload.user != client || !upload.status.equals("done") || upload.deleted) continue;
            try {
                HttpResponse<InputStream> response = client.open(gateway(), upload.id);
                try (InputStream in = response.body()) {
                    return in.read();
                }
            } catch (IOException e) {
                return e; // it is the gateway that was gone
            }
        }
        return client;
    }

    private Object cancelled() throws InterruptedException {
        Upload upload = Load.upload(client, gateway(), sample(), null, ledger);
        if (upload == null) return client;
        Thread.sleep(random.nextInt(2500));
        upload.deleted = true;
        try {
            return client.delete(gateway(), "/jobs/" + upload.id);
        } catch (IOException e) {
            return e; // then it is converted
        }
    }

    private Object sameKey() throws InterruptedException {
        Sample sample = sample();
        String key = UUID.randomUUID().toString();
        CountDownLatch both = new CountDownLatch(2);
        for (URI gateway : tomp3.gateways()) {
            Thread.ofVirtual()
                    .start(() -> {
                        try {
                            Load.upload(client, gateway, sample, key, ledger);
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        } finally {
                            both.countDown();
                        }
                    });
        }
        both.await();
        return key;
    }

    /** Some bytes, and then the line is dead. */
    private static final class BreakingOff extends InputStream {
        private final byte[] bytes;
        private final Duration pause;
        private int position;

        BreakingOff(byte[] bytes, Duration pause) {
            this.bytes = bytes;
            this.pause = pause;
        }

        @Override
        public int read() throws IOException {
            if (position == bytes.length) throw new IOException("the line is dead");
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return bytes[position++] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (pause.isPositive() || position == bytes.length) {
                into[offset] = (byte) read();
                return 1;
            }
            int part = Math.min(length, bytes.length - position);
            System.arraycopy(bytes, position, into, offset, part);
            position += part;
            return part;
        }
    }
}
