package dev.tomp3.gateway;

import dev.tomp3.jobs.Job;

/** A running upload, as the request that receives it and its heartbeat see it. */
class InFlightUpload {
    private volatile Job job;
    private volatile long received;
    private volatile boolean revoked;

    InFlightUpload(Job job) {
        this.job = job;
    }

    String id() {
        return job.id();
    }

    /** With the name and the options as far as they are known. */
    Job job() {
        return job;
    }

    void update(Job job) {
        this.job = job;
    }

    /** Bytes of the file that have arrived. */
    long received() {
        return received;
    }

    void received(long bytes) {
        received = bytes;
    }

    /** Bytes of the file, from its start, from which another request could go on. */
    long safe() {
        return 0;
    }

    /** Whether a heartbeat was refused, so that the upload must end. */
    boolean isRevoked() {
        return revoked;
    }

    void revoke() {
        revoked = true;
    }
}
