package dev.tomp3.chaos;

import dev.tomp3.chaos.Complaint.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Every upload that was answered 202, and everything that was not as it must be. */
final class Ledger {
    private final Map<String, Upload> uploads = new ConcurrentHashMap<>();
    private final Map<String, String> keys = new ConcurrentHashMap<>();
    private final Map<String, String> digests = new ConcurrentHashMap<>();
    private final Queue<Complaint> complaints = new ConcurrentLinkedQueue<>();
    private final Set<String> said = ConcurrentHashMap.newKeySet();
    private volatile String fault = "none";

    /** From now on, what is under way is under way in this fault. */
    List<Upload> enter(String name) {
        fault = name;
        List<Upload> underWay = unsettled();
        underWay.forEach(upload -> upload.fault = name);
        return underWay;
    }

    /**
     * The service has promised to convert it.
     *
     * @param key the idempotency key that it was sent with, if any
     */
    Upload accepted(Client user, Sample sample, @Nullable String key, JsonNode job) {
        String id = job.get("id").asString();
        Upload upload = new Upload(id, user, sample, fault);
        Upload before = uploads.putIfAbsent(id, upload);
        if (key != null) {
            String first = keys.putIfAbsent(key, id);
            if (first != null && !first.equals(id)) {
                complain(
                        Kind.DUPLICATED,
                        "one idempotency key made job %s and job %s".formatted(first, id));
            }
        } else if (before != null) {
            complain(Kind.LOST, "two uploads were answered with the one job " + id);
        }
        return before == null ? upload : before;
    }

    void complain(Kind kind, String text) {
        complain(kind, fault, text);
    }

    void complain(Kind kind, Upload upload, String text) {
        complain(kind, upload.fault, "job %s of %s: %s".formatted(upload.id, upload.sample, text));
    }

    private void complain(Kind kind, String during, String text) {
        Complaint complaint = new Complaint(kind, during, text);
        if (!said.add(complaint.toString())) return;
        complaints.add(complaint);
        System.out.println("  ! " + complaint);
    }

    /**
     * Compares what a job answers with what must become of its sample.
     *
     * @return whether it is settled as it must be
     */
    boolean hears(Upload upload, JsonNode job) {
        String status = job.get("status").asString();
        if (upload.settled()
                && !status.equals(upload.status)
                && !status.equals("expired")
                && !upload.deleted) {
            complain(Kind.DUPLICATED, upload, "%s after %s".formatted(status, upload.status));
        }
        upload.status = status;
        if (upload.deleted) return upload.settled();
        return switch (status) {
            case "done" -> {
                if (!upload.sample.good()) {
                    complain(Kind.WRONG, upload, "done, though it is " + upload.sample.failure());
                }
                yield true;
            }
            case "failed" -> {
                String code = job.at("/failure/code").asString();
                upload.failure = code;
                if (upload.sample.good()) complain(Kind.LOST, upload, "failed as " + code);
                else if (!code.equals(upload.sample.failure())) {
                    complain(Kind.WRONG, upload, "failed as " + code);
                }
                upload.verified = true;
                yield true;
            }
            case "cancelled", "expired" -> {
                complain(Kind.LOST, upload, status + ", and nobody asked for it");
                yield true;
            }
            default -> false;
        };
    }

    /** The MP3 has come; the first one of each sample, made before any fault, is the right one. */
    void downloaded(Upload upload, String digest) {
        String right = digests.putIfAbsent(upload.sample.name(), digest);
        if (right != null && !right.equals(digest)) {
            complain(Kind.LOST, upload, "other bytes than without faults");
        }
        upload.verified = true;
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

    List<Complaint> complaints() {
        return new ArrayList<>(complaints);
    }

    long complaints(Kind kind, String during) {
        return complaints.stream()
                .filter(one -> one.kind() == kind && one.fault().equals(during))
                .count();
    }
}
