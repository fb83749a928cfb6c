package dev.tomp3.chaos;

import dev.tomp3.chaos.Client.Answer;
import dev.tomp3.chaos.Violation.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An upload through {@code /files}: several requests, to any gateway, some of which break off. It
 * goes on where {@code HEAD} tells, until all bytes are confirmed. One idempotency key must find
 * one upload, and a byte that was confirmed must stay.
 */
final class ResumableUpload {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int MAX_PARTS = 5;

    /** One of this number of requests breaks off, and so many are slow. */
    private static final int BREAKING = 4;

    /** One of this number of parts is not sent: the upload is deleted instead. */
    private static final int TERMINATED = 60;

    private final Client client;
    private final Sample sample;
    private final Ledger ledger;
    private final Random random;
    private final String key = UUID.randomUUID().toString();
    private final byte[] bytes;
    private final int restores;
    private @Nullable String id;
    private long confirmed;
    private boolean offsetKnown = true;
    private int broken;

    ResumableUpload(Client client, Sample sample, Ledger ledger, Random random) {
        this.client = client;
        this.sample = sample;
        this.ledger = ledger;
        this.random = random;
        this.restores = ledger.restores();
        try {
            this.bytes = Files.readAllBytes(sample.file());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Uploads to the end.
     *
     * @return null if the upload was deleted, or cannot go on because earlier data was restored
     */
    @Nullable Upload run(Supplier<URI> gateway) throws InterruptedException {
        return run(gateway, false);
    }

    /** Uploads slowly, to one gateway first. */
    @Nullable Upload slowly(URI first, List<URI> gateways) throws InterruptedException {
        return run(() -> broken == 0 ? first : gateways.get(random.nextInt(gateways.size())), true);
    }

    private @Nullable Upload run(Supplier<URI> gateway, boolean slow) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            try {
                String begun = id;
                if (begun == null) begin(gateway.get());
                else if (!offsetKnown) learnOffset(gateway.get(), begun);
                else if (!slow && random.nextInt(TERMINATED) == 0) {
                    if (terminated(gateway.get(), begun)) return null;
                } else send(gateway.get(), begun, slow);
            } catch (IOException e) {
                interrupted();
            } catch (Forgotten e) {
                return null;
            }
            String begun = id;
            if (begun != null && confirmed == bytes.length)
                return ledger.received(client, sample, key, begun, broken);
            if (!offsetKnown) Thread.sleep(300);
        }
        ledger.report(Kind.STUCK, "upload %s of %s is at %d".formatted(id, sample, confirmed));
        return null;
    }

    /** The upload is of a time that was forgotten by a restore. */
    private static final class Forgotten extends Exception {
        private static final long serialVersionUID = 1L;
    }

    private void begin(URI gateway) throws IOException, InterruptedException, Forgotten {
        offsetKnown = false;
        Answer answer = client.createUpload(gateway, sample, bytes.length, key);
        if (answer.status() != 201) {
            failed(gateway, "its creation", answer);
            return;
        }
        String location = answer.headers().firstValue("Location").orElse("");
        id = location.substring(location.lastIndexOf('/') + 1);
        confirm(answer);
    }

    private void learnOffset(URI gateway, String upload)
            throws IOException, InterruptedException, Forgotten {
        Answer answer = client.showUpload(gateway, upload);
        if (answer.status() == 200) confirm(answer);
        else failed(gateway, "HEAD", answer);
    }

    private boolean terminated(URI gateway, String upload)
            throws IOException, InterruptedException, Forgotten {
        Answer answer = client.terminateUpload(gateway, upload);
        // 410 is the answer to a repetition
        if (answer.in(204, 410)) return true;
        failed(gateway, "its deletion", answer);
        return false;
    }

    private void send(URI gateway, String upload, boolean slow)
            throws IOException, InterruptedException, Forgotten {
        int from = Math.toIntExact(confirmed);
        int part =
                Math.min(bytes.length - from, bytes.length / (1 + random.nextInt(MAX_PARTS)) + 1);
        offsetKnown = false;
        Answer answer =
                client.continueUpload(
                        gateway,
                        upload,
                        from,
                        body(Arrays.copyOfRange(bytes, from, from + part), slow));
        if (answer.status() == 204) confirm(answer);
        else failed(gateway, "PATCH", answer);
    }

    private BodyPublisher body(byte[] part, boolean slow) {
        int kind = slow ? 1 : random.nextInt(BREAKING);
        return switch (kind) {
            case 0 -> {
                byte[] some = Arrays.copyOf(part, random.nextInt(part.length + 1));
                yield BodyPublishers.ofInputStream(() -> new BrokenStream(some, Duration.ZERO));
            }
            case 1 -> SlowBody.of(part, Duration.ofSeconds(2));
            default -> BodyPublishers.ofByteArray(part);
        };
    }

    private void confirm(Answer answer) throws Forgotten {
        long offset = answer.headers().firstValueAsLong("Upload-Offset").orElse(-1);
        if (offset < confirmed) {
            requireSameData();
            ledger.report(
                    Kind.LOST,
                    "upload %s of %s is at %d after %d".formatted(id, sample, offset, confirmed));
        }
        confirmed = offset;
        offsetKnown = true;
    }

    private void failed(URI gateway, String what, Answer answer)
            throws IOException, InterruptedException, Forgotten {
        interrupted();
        if (answer.status() == 401) {
            Answer _ = client.login(gateway);
        } else if (answer.in(404, 410)) {
            requireSameData();
            ledger.report(
                    Kind.LOST,
                    "upload %s of %s: %s was answered with %d"
                            .formatted(id, sample, what, answer.status()));
            throw new Forgotten();
        } else if (!answer.in(409, 429) && !ledger.isExpected(answer.status())) {
            ledger.report(
                    Kind.WRONG,
                    "upload %s of %s: %s was answered with %d %s"
                            .formatted(id, sample, what, answer.status(), answer.body()));
        }
    }

    private void interrupted() {
        broken++;
        offsetKnown = false;
    }

    private void requireSameData() throws Forgotten {
        if (ledger.restores() != restores) throw new Forgotten();
    }
}
