package dev.tomp3.gateway;

import dev.tomp3.gateway.ResumableReceiver.Part;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Job.Resumable;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.Options;
import dev.tomp3.jobs.ResumableUploads;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Begins resumable uploads. The same idempotency key finds the upload that it began, so that a
 * client whose creation was not answered leaves nothing behind.
 */
@Component
final class ResumableCreator {
    /**
     * An upload that begins.
     *
     * @param length null when the client will declare it later
     */
    record Creation(
            String name,
            Options options,
            @Nullable Long length,
            String metadata,
            @Nullable String idempotencyKey) {}

    private final ResumableUploads uploads;
    private final ResumableReceiver receiver;
    private final VideoIntake intake;
    private final Jobs jobs;
    private final Quota quota;
    private final int maxOpen;

    ResumableCreator(
            ResumableUploads uploads,
            ResumableReceiver receiver,
            VideoIntake intake,
            Jobs jobs,
            Quota quota,
            GatewayProperties properties) {
        this.uploads = uploads;
        this.receiver = receiver;
        this.intake = intake;
        this.jobs = jobs;
        this.quota = quota;
        this.maxOpen = properties.maxOpenUploadsPerUser();
    }

    /** Begins an upload; returns the earlier one when the idempotency key names one. */
    Job create(CurrentUser owner, Creation creation) {
        Long length = creation.length();
        if (length != null) quota.requireLength(length);
        quota.requireDisk(length == null ? 0 : length);
        Optional<Job> created =
                uploads.begin(
                        owner.asOwner(),
                        creation.name(),
                        creation.options(),
                        length,
                        creation.metadata(),
                        creation.idempotencyKey());
        if (created.isEmpty()) return earlier(owner, creation);
        Job upload = created.get();
        long _ = intake.reserve(upload);
        if (maxOpen > 0 && uploads.countOf(owner.id()) > maxOpen) {
            intake.discard(upload);
            throw new ProblemException(
                    Problem.TOO_MANY_UPLOADS,
                    "At most "
                            + maxOpen
                            + " uploads of one user are not complete. Complete or delete one.");
        }
        return upload;
    }

    /**
     * Begins an upload with its first bytes. When they fail, a client without an idempotency key
     * has no way to find the upload, so that it is given up.
     */
    Job create(CurrentUser owner, Creation creation, Part first, Transfers.Transfer transfer) {
        Job upload = create(owner, creation);
        Resumable state = upload.resumable();
        // the client goes on with the earlier upload where that one is
        if (state == null || state.requests() > 0) return upload;
        boolean received = false;
        try {
            Job job = receiver.receive(upload.id(), owner, first, transfer);
            received = true;
            return job;
        } finally {
            if (!received && creation.idempotencyKey() == null) intake.discard(upload);
        }
    }

    private Job earlier(CurrentUser owner, Creation creation) {
        String key = Objects.requireNonNull(creation.idempotencyKey());
        Job earlier =
                jobs.findByKey(owner.id(), key)
                        .orElseThrow(
                                () -> VideoIntake.unavailable("The Idempotency-Key is in doubt."));
        Long length = creation.length();
        long known = earlier.source().bytes();
        UploadReceiver.requireSame(
                earlier, creation.name(), creation.options(), length == null ? known : length);
        return earlier;
    }
}
