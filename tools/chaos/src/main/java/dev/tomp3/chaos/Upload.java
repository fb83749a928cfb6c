package dev.tomp3.chaos;

import org.jspecify.annotations.Nullable;

/** One that was answered 202. Changed by the thread of its user alone, and read by all. */
final class Upload {
    final String id;
    final Client user;
    final Sample sample;

    /** The last fault that it was under way in; the one it was accepted in at first. */
    volatile String fault;

    /** The last that was heard of it. */
    volatile String status = "queued";

    /** Its owner has asked to be rid of it, at whatever state it was in then. */
    volatile boolean deleted;

    /** Its owner has seen the right end of it. */
    volatile boolean verified;

    volatile @Nullable String failure;

    Upload(String id, Client user, Sample sample, String fault) {
        this.id = id;
        this.user = user;
        this.sample = sample;
        this.fault = fault;
    }

    boolean settled() {
        return !status.equals("queued") && !status.equals("converting");
    }
}
