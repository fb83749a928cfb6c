package dev.tomp3.chaos;

import dev.tomp3.chaos.Client.Answer;
import dev.tomp3.chaos.Complaint.Kind;
import dev.tomp3.jobs.Jobs;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One user who uploads one file after the other, waits for its MP3, compares it, and deletes some
 * of them; never with more than a few under way. Half the uploads carry an idempotency key and are
 * repeated until they are answered.
 */
final class Load implements Runnable {
    private static final int UNDER_WAY = 3;
    private static final int TRIES = 40;

    private final Client client;
    private final List<URI> gateways;
    private final List<Sample> samples;
    private final Ledger ledger;
    private final Random random;
    private final List<Upload> mine = new ArrayList<>();
    private volatile boolean more = true;

    Load(Client client, List<URI> gateways, List<Sample> samples, Ledger ledger, Random random) {
        this.client = client;
        this.gateways = gateways;
        this.samples = samples;
        this.ledger = ledger;
        this.random = random;
    }

    /** Uploads no more; {@link #run} ends when all that is under way has come to its end. */
    void enough() {
        more = false;
    }

    @Override
    public void run() {
        try {
            while (more || !mine.isEmpty()) {
                if (more && mine.size() < UNDER_WAY) {
                    upload(samples.get(random.nextInt(samples.size())));
                }
                for (Iterator<Upload> each = mine.iterator(); each.hasNext(); ) {
                    if (ended(each.next())) each.remove();
                }
                Thread.sleep(200 + random.nextInt(600));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            ledger.complain(Kind.WRONG, client.email + " met " + e);
        }
    }

    private URI gateway() {
        return gateways.get(random.nextInt(gateways.size()));
    }

    private void upload(Sample sample) throws InterruptedException {
        String key = random.nextBoolean() ? UUID.randomUUID().toString() : null;
        for (int i = 0; i < (key == null ? 1 : TRIES) && more; i++) {
            Upload accepted = upload(client, gateway(), sample, key, ledger, this::bytes);
            if (accepted != null) {
                mine.add(accepted);
                return;
            }
            Thread.sleep(500);
        }
    }

    /** What is large enough to be converted while it arrives comes slowly, now and then. */
    private BodyPublisher bytes(Sample sample) throws IOException {
        return Files.size(sample.file()) >= Jobs.FIRST_BYTES && random.nextInt(3) > 0
                ? SlowBody.of(sample.file(), Duration.ofMillis(1000 + random.nextInt(4000)))
                : BodyPublishers.ofFile(sample.file());
    }

    private interface Body {
        BodyPublisher of(Sample sample) throws IOException;
    }

    /**
     * Tries once.
     *
     * @return null when it was refused for now, or not answered
     */
    static @Nullable Upload upload(
            Client client, URI gateway, Sample sample, @Nullable String key, Ledger ledger)
            throws InterruptedException {
        return upload(
                client, gateway, sample, key, ledger, each -> BodyPublishers.ofFile(each.file()));
    }

    private static @Nullable Upload upload(
            Client client,
            URI gateway,
            Sample sample,
            @Nullable String key,
            Ledger ledger,
            Body bytes)
            throws InterruptedException {
        try {
            Answer answer = client.upload(gateway, sample, key, bytes.of(sample));
            if (answer.status() == 202) return ledger.accepted(client, sample, key, answer.json());
            if (answer.status() == 401) client.login(gateway);
            else if (!answer.in(429, 503)) {
                ledger.complain(
                        Kind.WRONG,
                        "an upload of %s is answered %d %s"
                                .formatted(sample.name(), answer.status(), answer.body()));
            }
        } catch (IOException e) {
            return null; // the gateway ended, or a connection did
        }
        return null;
    }

    /** Looks once; true when there is nothing to wait for any more. */
    private boolean ended(Upload upload) throws InterruptedException {
        try {
            if (!look(client, gateway(), upload, ledger)) {
                if (upload.deleted || random.nextInt(80) != 0) return false;
                return !delete(upload); // at whatever state it is in
            }
            if (upload.deleted) return true;
            if (!upload.verified && !verify(client, gateway(), upload, ledger)) return false;
            if (random.nextInt(3) == 0) delete(upload);
            return true;
        } catch (IOException e) {
            return false; // the next look will do
        }
    }

    private boolean delete(Upload upload) throws IOException, InterruptedException {
        upload.deleted = true;
        Answer answer = client.delete(gateway(), "/jobs/" + upload.id);
        if (!answer.in(204, 401, 429, 503)) {
            ledger.complain(Kind.WRONG, upload, "its deletion is answered " + answer.status());
        }
        return answer.status() == 204;
    }

    /** Asks for the job; true when it is settled. */
    static boolean look(Client client, URI gateway, Upload upload, Ledger ledger)
            throws IOException, InterruptedException {
        Answer answer = client.get(gateway, "/jobs/" + upload.id);
        switch (answer.status()) {
            case 200 -> {
                return ledger.hears(upload, answer.json());
            }
            case 401 -> client.login(gateway);
            case 404 -> {
                ledger.complain(Kind.LOST, upload, "unknown");
                upload.status = "unknown";
                return true;
            }
            case 429, 503 -> {}
            default -> ledger.complain(Kind.WRONG, upload, "is answered " + answer.status());
        }
        return false;
    }

    /** Compares the MP3 of what is done; true when it came. */
    static boolean verify(Client client, URI gateway, Upload upload, Ledger ledger)
            throws IOException, InterruptedException {
        if (!upload.status.equals("done")) return true;
        Answer answer = client.download(gateway, upload.id);
        if (answer.status() == 200) {
            ledger.downloaded(upload, answer.body());
            return true;
        }
        if (answer.status() == 401) client.login(gateway);
        else if (!answer.in(429, 503)) {
            ledger.complain(Kind.LOST, upload, "its download is answered " + answer.status());
            return true;
        }
        return false;
    }

    /** Waits for the right end of an upload. */
    static boolean awaitEnd(
            Client client, URI gateway, Upload upload, Ledger ledger, Duration patience)
            throws InterruptedException {
        long start = System.nanoTime();
        while (System.nanoTime() - start < patience.toNanos()) {
            try {
                if (look(client, gateway, upload, ledger)
                        && verify(client, gateway, upload, ledger)) return true;
            } catch (IOException e) {
                Thread.sleep(100); // it comes back
            }
            Thread.sleep(100);
        }
        return false;
    }
}
