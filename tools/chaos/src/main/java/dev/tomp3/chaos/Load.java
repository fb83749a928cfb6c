package dev.tomp3.chaos;

import dev.tomp3.chaos.Client.Answer;
import dev.tomp3.chaos.Violation.Kind;
import dev.tomp3.jobs.Job;
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
 * A user who uploads files, waits for each MP3, compares it and deletes some jobs, with at most
 * three jobs in progress. A third of the uploads are resumable; half of the others carry an
 * idempotency key and are repeated until they are answered.
 */
final class Load implements Runnable {
    private static final int MAX_IN_PROGRESS = 3;
    private static final int MAX_ATTEMPTS = 40;

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

    /** Stops uploading; {@link #run} returns when all uploads in progress have ended. */
    void stop() {
        more = false;
    }

    @Override
    public void run() {
        try {
            while (more || !mine.isEmpty()) {
                if (more && mine.size() < MAX_IN_PROGRESS) {
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
            ledger.report(Kind.WRONG, client.email + " failed with " + e);
        }
    }

    private URI gateway() {
        return gateways.get(random.nextInt(gateways.size()));
    }

    private void upload(Sample sample) throws InterruptedException {
        if (random.nextInt(3) == 0) {
            Upload accepted =
                    new ResumableUpload(client, sample, ledger, random).run(this::gateway);
            if (accepted != null) mine.add(accepted);
            return;
        }
        String key = random.nextBoolean() ? UUID.randomUUID().toString() : null;
        for (int i = 0; i < (key == null ? 1 : MAX_ATTEMPTS) && more; i++) {
            Upload accepted = upload(client, gateway(), sample, key, ledger, this::bytes);
            if (accepted != null) {
                mine.add(accepted);
                return;
            }
            Thread.sleep(500);
        }
    }

    /** Some of the files that can be converted during their upload are uploaded slowly. */
    private BodyPublisher bytes(Sample sample) throws IOException {
        return Files.size(sample.file()) >= Job.EARLY_CLAIM_BYTES && random.nextInt(3) > 0
                ? SlowBody.of(sample.file(), Duration.ofMillis(1000 + random.nextInt(4000)))
                : BodyPublishers.ofFile(sample.file());
    }

    private interface Body {
        BodyPublisher of(Sample sample) throws IOException;
    }

    /**
     * Uploads once.
     *
     * @return null if the upload was rejected temporarily, or not answered
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
            else if (answer.status() != 429 && !ledger.isExpected(answer.status())) {
                ledger.report(
                        Kind.WRONG,
                        "the upload of %s was answered with %d %s"
                                .formatted(sample.name(), answer.status(), answer.body()));
            }
        } catch (IOException e) {
            return null; // the gateway or a connection failed
        }
        return null;
    }

    /** Checks a job once; true if nothing is left to wait for. */
    private boolean ended(Upload upload) throws InterruptedException {
        try {
            if (!check(client, gateway(), upload, ledger)) {
                if (upload.deleted || random.nextInt(80) != 0) return false;
                return !delete(upload); // in any state
            }
            if (upload.deleted) return true;
            if (!upload.verified && !verify(client, gateway(), upload, ledger)) return false;
            if (random.nextInt(3) == 0) delete(upload);
            return true;
        } catch (IOException e) {
            return false; // checked again later
        }
    }

    private boolean delete(Upload upload) throws IOException, InterruptedException {
        if (upload.forgotten) return true;
        upload.deleted = true;
        Answer answer = client.delete(gateway(), "/jobs/" + upload.id);
        if (!answer.in(204, 401, 429, 503)) {
            ledger.report(Kind.WRONG, upload, "its deletion was answered with " + answer.status());
        }
        return answer.status() == 204;
    }

    /** Requests the job; true if it is settled. */
    static boolean check(Client client, URI gateway, Upload upload, Ledger ledger)
            throws IOException, InterruptedException {
        if (upload.forgotten) return true;
        Answer answer = client.get(gateway, "/jobs/" + upload.id);
        switch (answer.status()) {
            case 200 -> {
                return ledger.record(upload, answer.json());
            }
            case 401 -> client.login(gateway);
            case 404 -> {
                if (upload.forgotten) return true;
                ledger.report(Kind.LOST, upload, "unknown");
                upload.status = "unknown";
                return true;
            }
            case 429, 503 -> {}
            default -> ledger.report(Kind.WRONG, upload, "was answered with " + answer.status());
        }
        return false;
    }

    /** Downloads and compares the MP3 of a job that is done; true if there was an answer. */
    static boolean verify(Client client, URI gateway, Upload upload, Ledger ledger)
            throws IOException, InterruptedException {
        if (upload.forgotten || !upload.status.equals("done")) return true;
        Answer answer = client.download(gateway, upload.id);
        if (answer.status() == 200) {
            ledger.downloaded(upload, answer.body());
            return true;
        }
        if (answer.status() == 401) client.login(gateway);
        else if (!answer.in(429, 503)) {
            ledger.report(Kind.LOST, upload, "its download was answered with " + answer.status());
            return true;
        }
        return false;
    }

    /** Waits until an upload has ended and its MP3 was compared. */
    static boolean awaitEnd(
            Client client, URI gateway, Upload upload, Ledger ledger, Duration timeout)
            throws InterruptedException {
        long start = System.nanoTime();
        while (System.nanoTime() - start < timeout.toNanos()) {
            try {
                if (check(client, gateway, upload, ledger)
                        && verify(client, gateway, upload, ledger)) return true;
            } catch (IOException e) {
                Thread.sleep(100); // the gateway is unavailable for now
            }
            Thread.sleep(100);
        }
        return false;
    }
}
