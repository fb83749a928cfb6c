package dev.tomp3.jobs;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.bson.BsonType;
import org.bson.codecs.pojo.annotations.BsonId;
import org.bson.codecs.pojo.annotations.BsonRepresentation;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * One upload and everything that becomes of it: one document, which is the truth. A message about
 * it is only a signal. {@link Transition} lists every change of its status.
 *
 * <p>Spring Data maps it, and the driver does where it is read by its id.
 *
 * @param id 24 hexadecimal digits; the id that the user sees in every request
 * @param progress of the current attempt, in per cent
 * @param startTag its place in the fair queue; see {@link FairShare}
 * @param attempt how often a worker has claimed it; it fences: a write under an older attempt
 *     changes nothing
 * @param failureCount how often its worker was lost or failed with an internal error
 * @param due no worker claims it earlier; absent while an upload is not offered to workers
 * @param lease present exactly while a worker holds the job
 * @param upload present exactly while the video is being uploaded
 * @param idempotencyKey the owner's id and the key that came with the upload
 */
@Document("jobs")
public record Job(
        @Id @BsonId @BsonRepresentation(BsonType.OBJECT_ID) String id,
        Owner owner,
        Source source,
        Options options,
        Status status,
        int progress,
        long startTag,
        int attempt,
        int failureCount,
        @Nullable Instant due,
        @Nullable Lease lease,
        @Nullable Upload upload,
        @Nullable Result result,
        @Nullable Failure failure,
        @Nullable Notification notification,
        Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        @Nullable String idempotencyKey) {

    /**
     * An upload can be claimed by a worker when this many bytes of it have arrived. A shorter one
     * is complete before a worker could start.
     */
    public static final long EARLY_CLAIM_BYTES = 4 << 20;

    /** After this many failures the file is suspected of killing its workers. */
    private static final int POISON_AFTER = 2;

    /** Where a job stands; {@link Transition} says how it gets there. */
    public enum Status {
        UPLOADING,
        QUEUED,
        CONVERTING,
        DONE,
        FAILED,
        CANCELLED,
        EXPIRED;

        /** As the API shows it. */
        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The user who uploaded the video.
     *
     * @param id of the user
     * @param mail whether mail may be sent to the address, because it is confirmed
     */
    public record Owner(@Id @BsonId String id, String email, boolean mail) {}

    /**
     * The video.
     *
     * @param name the file name that the user gave, without a path
     * @param bytes the length; while the video is being uploaded, the length that was announced, or
     *     0
     * @param stored false once the video was deleted
     */
    public record Source(String name, long bytes, boolean stored) {}

    /**
     * A running upload.
     *
     * @param heartbeat incremented by the gateway that receives the upload
     * @param received bytes that had arrived at the last heartbeat
     * @param resumable absent for an upload that ends with its request
     */
    public record Upload(long heartbeat, long received, @Nullable Resumable resumable) {}

    /**
     * What is known of an upload that several requests may bring; {@link ResumableUploads} tells
     * how they take turns.
     *
     * @param length the declared length; null until the client declares it
     * @param offset bytes from the start that the media store has safe
     * @param requests the number of the newest request
     * @param writer the number of the request that may write, or wrote last
     * @param open whether that request has not ended, as far as is known
     * @param clean whether the media store has no byte after the offset
     * @param expires when the upload is given up, unless more bytes come
     * @param metadata as the client sent them
     */
    public record Resumable(
            @Nullable Long length,
            long offset,
            long requests,
            long writer,
            boolean open,
            boolean clean,
            Instant expires,
            String metadata) {}

    /**
     * The claim of one worker.
     *
     * @param heartbeat incremented by the worker
     * @param begun whether work has begun: until then the job may wait for others of its worker
     */
    public record Lease(String worker, long heartbeat, boolean begun) {}

    /**
     * The MP3; {@link #mp3File()} is its id in the media store. Earlier versions wrote no warnings,
     * and nothing about the sound.
     *
     * @param revision a number that rises when the tags are changed; null before the first change
     */
    public record Result(
            long bytes,
            long durationMs,
            @Nullable List<Warning> warnings,
            @Nullable Sound sound,
            @Nullable Long revision) {
        /** A result of which nothing but the length is known. */
        public Result(long bytes, long durationMs, @Nullable List<Warning> warnings) {
            this(bytes, durationMs, warnings, null, null);
        }

        /** A result as a worker writes it. */
        public Result(
                long bytes,
                long durationMs,
                @Nullable List<Warning> warnings,
                @Nullable Sound sound) {
            this(bytes, durationMs, warnings, sound, null);
        }

        @Override
        public List<Warning> warnings() {
            return warnings == null ? List.of() : warnings;
        }
    }

    /**
     * Telling the owner how the job ended.
     *
     * @param sent true after every channel was told, or none is to be told any more
     * @param tries how often the mail could not be sent
     * @param due the event is published again if it was not sent by then
     * @param told channels that are not told again while another one fails; earlier versions wrote
     *     none
     */
    public record Notification(boolean sent, int tries, Instant due, @Nullable List<Channel> told) {
        /** A channel with a mark of its own. The mail comes last, and {@code sent} is its mark. */
        public enum Channel {
            WEBHOOKS,
            LOG
        }

        public boolean hasTold(Channel channel) {
            return told != null && told.contains(channel);
        }
    }

    /** Whether it may only be converted exclusively: its file may be what kills the workers. */
    public boolean mayBePoison() {
        return failureCount >= POISON_AFTER;
    }

    /** Of an upload that may be continued by another request; null for any other job. */
    public @Nullable Resumable resumable() {
        return upload == null ? null : upload.resumable();
    }

    /** The same job with this name and these options. */
    public Job as(String name, Options options) {
        return new Job(
                id,
                owner,
                new Source(name, source.bytes(), source.stored()),
                options,
                status,
                progress,
                startTag,
                attempt,
                failureCount,
                due,
                lease,
                upload,
                result,
                failure,
                notification,
                createdAt,
                startedAt,
                finishedAt,
                idempotencyKey);
    }

    /** The id of the file that the latest attempt writes. */
    public String attemptFile() {
        return id + "-" + attempt;
    }

    /** The id of the cover that came with the video; no attempt has the number 0. */
    public String coverFile() {
        return id + "-0";
    }

    /** The id of the MP3 of a done job: that of the attempt, or of the last change of its tags. */
    public String mp3File() {
        return result == null || result.revision() == null
                ? attemptFile()
                : revisionFile(result.revision());
    }

    /** The id of the MP3 of this job after a change of its tags. */
    public String revisionFile(long revision) {
        return attemptFile() + "-" + revision;
    }

    /** Whether a file is the MP3 of this done job, or one with newer tags that is being written. */
    boolean isMp3OrNewer(String file) {
        if (file.equals(mp3File())) return true;
        String prefix = attemptFile() + "-";
        if (!file.startsWith(prefix)) return false;
        long current = result == null || result.revision() == null ? 0 : result.revision();
        return Long.parseLong(file.substring(prefix.length())) > current;
    }
}
