package dev.tomp3.jobs;

import static dev.tomp3.jobs.Job.Status.CANCELLED;
import static dev.tomp3.jobs.Job.Status.CONVERTING;
import static dev.tomp3.jobs.Job.Status.DONE;
import static dev.tomp3.jobs.Job.Status.EXPIRED;
import static dev.tomp3.jobs.Job.Status.FAILED;
import static dev.tomp3.jobs.Job.Status.QUEUED;
import static dev.tomp3.jobs.Job.Status.UPLOADING;

import dev.tomp3.jobs.Job.Status;
import java.util.EnumSet;
import java.util.Set;

/**
 * The state machine of a job: the drawing, and below it the table that runs.
 *
 * <pre>
 *               accept                 claim                    succeed           expire
 *   uploading ----------> queued ----------------> converting ----------> done ----------> expired
 *       |                   ^                       ^   |  |                                  ^
 *       |                   |        release        |   |  |     fail              expire     |
 *       |                   +-----------------------|---+  +------------> failed -------------+
 *       |        accept, with a lease               |
 *       +-------------------------------------------+
 *
 *   uploading ---cancel_upload---> cancelled <---cancel--- queued | converting
 *   uploading ---expire_upload---> expired
 * </pre>
 *
 * <ul>
 *   <li>A worker may claim an upload early. The upload gets a lease and keeps its status; it can be
 *       neither settled nor released to the queue before it is accepted. When it loses the lease,
 *       it is not offered to workers again.
 *   <li>An upload that fails is not a transition: its document is removed. A resumable upload
 *       expires when its client does not continue it.
 *   <li>A job is released because its worker stops, because a store cannot be reached, because the
 *       worker was lost, or because of an internal error. It fails when its conversion fails for
 *       good, or when it has lost workers or met internal errors too often.
 * </ul>
 *
 * Each transition is one atomic update that names the statuses it leaves ({@link
 * JobDocuments#apply}); a worker's update also names the attempt. A late writer changes nothing,
 * and is told so. There are no transactions: every invariant lies within one document.
 */
enum Transition {
    ACCEPT(EnumSet.of(UPLOADING), QUEUED),
    ACCEPT_CLAIMED(EnumSet.of(UPLOADING), CONVERTING),
    CLAIM(EnumSet.of(QUEUED), CONVERTING),
    RELEASE(EnumSet.of(CONVERTING), QUEUED),
    SUCCEED(EnumSet.of(CONVERTING), DONE),
    FAIL(EnumSet.of(CONVERTING), FAILED),
    CANCEL_UPLOAD(EnumSet.of(UPLOADING), CANCELLED),
    EXPIRE_UPLOAD(EnumSet.of(UPLOADING), EXPIRED),
    CANCEL(EnumSet.of(QUEUED, CONVERTING), CANCELLED),
    EXPIRE(EnumSet.of(DONE, FAILED), EXPIRED);

    @SuppressWarnings("ImmutableEnumChecker") // Set.copyOf
    private final Set<Status> from;

    private final Status to;

    Transition(Set<Status> from, Status to) {
        this.from = Set.copyOf(from);
        this.to = to;
    }

    Set<Status> from() {
        return from;
    }

    Status to() {
        return to;
    }
}
