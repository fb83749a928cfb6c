package dev.tomp3.chaos;

import dev.tomp3.chaos.Violation.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Records every upload that was answered with 202, and every violation. */
final class Ledger {
    private final Map<String, Upload> uploads = new ConcurrentHashMap<>();
    private final Map<String, String> keys = new ConcurrentHashMap<>();
    private final Map<String, String> digests = new ConcurrentHashMap<>();
    private final Queue<Violation> violations = new ConcurrentLinkedQueue<>();
    private final Set<String> reported = ConcurrentHashMap.newKeySet();
    private volatile String fault = "none";
    private volatile boolean diskMayBeFull;
    private final AtomicInteger restores = new AtomicInteger();
    private final AtomicInteger resumable = new AtomicInteger();
    private final AtomicInteger interruptions = new AtomicInteger();

    /** Attributes the uploads in progress to a fault that begins now. */
    List<Upload> enter(String name) {
        fault = name;
        List<Upload> underWay = unsettled();
        underWay.forEach(upload -> upload.fault = name);
        return underWay;
    }

    /**
     * Records an accepted upload.
     *
     * @param key its idempotency key, if any
     */
    Upload accepted(Client user, Sample sample, @Nullable String key, JsonNode job) {
        String id = job.get("id").asString();
        Upload upload = new Upload(id, user, sample, fault);
        Upload before = uploads.putIfAbsent(id, upload);
        if (key != null) {
            String first = keys.putIfAbsent(key, id);
            if (first != null && !first.equals(id)) {
                report(
                        Kind.DUPLICATED,
                        "one idempotency key created job %s and job %s".formatted(first, id));
            }
        } else if (before != null) {
            report(Kind.LOST, "two uploads were answered with the same job " + id);
        }
        return before == null ? upload : before;
    }

    /**
     * Records that all bytes of a resumable upload are confirmed.
     *
     * @param broken how many of its requests were not answered, or not with success
     */
    Upload received(Client user, Sample sample, String key, String id, int broken) {
        resumable.incrementAndGet();
        interruptions.addAndGet(broken);
        return accepted(user, sample, key, Client.JSON.createObjectNode().put("id", id));
    }

    void report(Kind kind, String text) {
        report(kind, fault, text);
    }

    void report(Kind kind, Upload upload, String text) {
        report(kind, upload.fault, "job %s of %s: %s".formatted(upload.id, upload.sample, text));
    }

    private void report(Kind kind, String during, String text) {
        Violation violation = new Violation(kind, during, text);
        if (!reported.add(violation.toString())) return;
        violations.add(violation);
        System.out.println("  ! " + violation);
    }

    /**
     * Compares the state of a job with the expected result of its sample.
     *
     * @return whether the job is settled
     */
    boolean record(Upload upload, JsonNode job) {
        String status = job.get("status").asString();
        if (upload.settled()
                && !status.equals(upload.status)
                && !status.equals("expired")
                && !upload.deleted) {
            report(Kind.DUPLICATED, upload, "%s after %s".formatted(status, upload.status));
        }
        upload.status = status;
        if (upload.deleted) return upload.settled();
        return switch (status) {
            case "done" -> {
                if (!upload.sample.good()) {
                    report(
                            Kind.WRONG,
                            upload,
                            "done, but should have failed as " + upload.sample.failure());
                }
                yield true;
            }
            case "failed" -> {
                String code = job.at("/failure/code").asString();
                upload.failure = code;
                if (upload.sample.good()) report(Kind.LOST, upload, "failed as " + code);
                else if (!code.equals(upload.sample.failure())) {
                    report(Kind.WRONG, upload, "failed as " + code);
                }
                upload.verified = true;
                yield true;
            }
            case "cancelled", "expired" -> {
                report(Kind.LOST, upload, status + " without a request");
                yield true;
            }
            default -> false;
        };
    }

    /** Compares an MP3 with the first one of its sample, which was made before any fault. */
    void downloaded(Upload upload, String digest) {
        String right = digests.putIfAbsent(upload.sample.name(), digest);
        if (right != null && !right.equals(digest)) {
            report(Kind.LOST, upload, "its MP3 differs from the one made without faults");
        }
        upload.verified = true;
    }

    /** From now on, an upload may be answered with 507. */
    void expectFullDisk() {
        diskMayBeFull = true;
    }

    /** Whether this is an expected answer of a server that cannot serve a request. */
    boolean isExpected(int status) {
        return status == 503 || (status == 507 && diskMayBeFull);
    }

    /**
     * Says that the store has earlier data again. Its users know that everything since is lost.
     *
     * @param settled jobs that were settled in the earlier data
     * @param waiting jobs in the earlier data that were complete and not settled
     */
    void restored(Set<String> settled, Set<String> waiting) {
        restores.incrementAndGet();
        for (Upload upload : all()) {
            upload.restored = true;
            if (waiting.contains(upload.id)) {
                upload.status = "queued";
                upload.verified = false;
            } else if (!settled.contains(upload.id)) {
                upload.forgotten = true;
                uploads.remove(upload.id);
                keys.values().remove(upload.id);
            }
        }
    }

    /** How often the store had earlier data again. */
    int restores() {
        return restores.get();
    }

    /** The resumable ones of the accepted uploads, and their interruptions. */
    String resumableUploads() {
        return "%d of them resumable, interrupted %d times"
                .formatted(resumable.get(), interruptions.get());
    }

    List<Upload> unsettled() {
        return uploads.values().stream().filter(upload -> !upload.settled()).toList();
    }

    Collection<Upload> all() {
        return uploads.values();
    }

    boolean knows(String id) {
        return uploads.containsKey(id);
    }

    List<Violation> violations() {
        return new ArrayList<>(violations);
    }

    long violations(Kind kind, String during) {
        return violations.stream()
                .filter(one -> one.kind() == kind && one.fault().equals(during))
                .count();
    }
}
