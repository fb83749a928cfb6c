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
 * Faults that are common in operation: broken connections, clients that disconnect, duplicate
 * messages.
 */
final class LightFaults {
    /** The exchange of the services, which routes by queue name. */
    private static final String EXCHANGE = "tomp3.work";

    private final Deployment tomp3;
    private final Database database;
    private final Ledger ledger;
    private final Client client;
    private final List<Sample> samples;
    private final Random random;
    private int garbage;

    LightFaults(
            Deployment tomp3,
            Database database,
            Ledger ledger,
            Client client,
            List<Sample> samples,
            Random random) {
        this.tomp3 = tomp3;
        this.database = database;
        this.ledger = ledger;
        this.client = client;
        this.samples = samples;
        this.random = random;
    }

    Map<String, Callable<?>> all() {
        Map<String, Callable<?>> all = new LinkedHashMap<>();
        all.put("connection to the broker cut", () -> cut(Dependency.BROKER));
        all.put("connection to MongoDB cut", () -> cut(Dependency.MONGODB));
        all.put("connection to MySQL cut", () -> cut(Dependency.MYSQL));
        all.put("connection to auth cut", () -> cut(Dependency.AUTH));
        all.put("connection delayed", this::delay);
        all.put("message of a job twice", this::repeatWakeUp);
        all.put("message to an owner twice", this::repeatNotification);
        all.put("malformed message", this::sendMalformed);
        all.put("client gone in its upload", this::disconnectDuringUpload);
        all.put("client gone in its download", this::disconnectDuringDownload);
        all.put("client that sends a byte a second", this::trickle);
        all.put("job cancelled at any moment", this::cancel);
        all.put("one key on both gateways at once", this::sameKey);
        return all;
    }

    /** The number of unreadable messages that were sent. */
    int garbage() {
        return garbage;
    }

    private URI gateway() {
        return tomp3.gateways().get(random.nextInt(2));
    }

    private Wire wire(Dependency dependency) {
        List<Wire> wires = tomp3.wires(dependency).toList();
        return wires.get(random.nextInt(wires.size()));
    }

    private Object cut(Dependency dependency) throws IOException, InterruptedException {
        Wire wire = wire(dependency);
        wire.cut();
        Thread.sleep(50 + random.nextInt(300));
        wire.mend();
        return wire;
    }

    private Object delay() throws InterruptedException {
        Wire wire = wire(random.nextBoolean() ? Dependency.BROKER : Dependency.MONGODB);
        wire.slow(Duration.ofMillis(20 + random.nextInt(180)));
        Thread.sleep(1500);
        wire.slow(Duration.ZERO);
        return wire;
    }

    private Object repeatWakeUp() throws IOException, TimeoutException {
        List<Database.Progress> converting = database.in("CONVERTING");
        List<Upload> known = List.copyOf(ledger.all());
        String id =
                converting.isEmpty()
                        ? known.get(random.nextInt(known.size())).id
                        : converting.getFirst().id();
        return publish("video", new Event.VideoUploaded(id));
    }

    private Object repeatNotification() throws IOException, TimeoutException {
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

    private Object sendMalformed() throws IOException, TimeoutException {
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

    static ConnectionFactory broker(Deployment tomp3) {
        ConnectionFactory broker = new ConnectionFactory();
        broker.setHost(tomp3.servers.broker.host());
        broker.setPort(tomp3.servers.broker.port());
        broker.setUsername(tomp3.servers.broker.user());
        broker.setPassword(tomp3.servers.broker.password());
        broker.setVirtualHost(tomp3.servers.broker.virtualHost());
        broker.setConnectionTimeout(3000);
        return broker;
    }

    private Sample sample() {
        return samples.get(random.nextInt(samples.size()));
    }

    private Object disconnectDuringUpload() throws InterruptedException, IOException {
        Sample sample = sample();
        byte[] bytes = Files.readAllBytes(sample.file());
        byte[] some = Arrays.copyOf(bytes, bytes.length / 2);
        return broken(sample, () -> new BrokenStream(some, Duration.ZERO));
    }

    private Object trickle() throws InterruptedException {
        Sample sample = samples.getFirst();
        return broken(sample, () -> new BrokenStream(new byte[3], Duration.ofSeconds(1)));
    }

    private Object broken(Sample sample, Supplier<InputStream> body) throws InterruptedException {
        try {
            int status =
                    client.upload(gateway(), sample, null, BodyPublishers.ofInputStream(body))
                            .status();
            if (status == 202)
                ledger.report(Violation.Kind.WRONG, "an incomplete upload was answered with 202");
        } catch (IOException e) {
            return e; // as expected
        }
        return sample;
    }

    private Object disconnectDuringDownload() throws InterruptedException {
        for (Upload upload : ledger.all()) {
            if (upload.user != client || !upload.status.equals("done") || upload.deleted) continue;
            try {
                HttpResponse<InputStream> response = client.open(gateway(), upload.id);
                try (InputStream in = response.body()) {
                    return in.read();
                }
            } catch (IOException e) {
                return e; // the gateway was unavailable
            }
        }
        return client;
    }

    private Object cancel() throws InterruptedException {
        Upload upload = Load.upload(client, gateway(), sample(), null, ledger);
        if (upload == null) return client;
        Thread.sleep(random.nextInt(2500));
        upload.deleted = true;
        try {
            return client.delete(gateway(), "/jobs/" + upload.id);
        } catch (IOException e) {
            return e; // the job is converted instead
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
}
