package dev.tomp3.chaos;

import org.jspecify.annotations.Nullable;

/** An upload that was answered with 202. Only the thread of its user changes it. */
final class Upload {
    final String id;
    final Client user;
    final Sample sample;

    /** The last fault during which it was in progress. */
    volatile String fault;

    /** The last known status. */
    volatile String status = "queued";

    /** Its owner has deleted it, in any state. */
    volatile boolean deleted;

    /** Its result was compared. */
    volatile boolean verified;

    /** Earlier data was restored since it was accepted. */
    volatile boolean restored;

    /** It was accepted after the backup that was restored. */
    volatile boolean forgotten;

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
