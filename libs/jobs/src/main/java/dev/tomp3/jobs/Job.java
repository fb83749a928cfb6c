package dev.tomp3.jobs;

import java.time.Instant;
import java.util.Locale;
import org.bson.BsonType;
import org.bson.codecs.pojo.annotations.BsonId;
import org.bson.codecs.pojo.annotations.BsonRepresentation;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * One upload and all that becomes of it: the truth, of which a message is only a signal. Changed by
 * nobody but {@link Jobs}. Mapped by Spring Data, and by the driver where it is read by its id.
 *
 * @param id 24 hexadecimal digits; the id of everything the user does with it
 * @param turn its place in the order of service, fair between owners
 * @param attempt how often a worker has taken it; it fences: a write that names an older one
 *     changes nothing
 * @param strikes how often its worker was lost
 * @param due not taken by a worker before; long past when that is at once, as another machine's
 *     clock may be behind
 * @param lease who works on it, while it converts
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
        long turn,
        int attempt,
        int strikes,
        Instant due,
        @Nullable Lease lease,
        @Nullable Result result,
        @Nullable Failure failure,
        @Nullable Announcement announcement,
        Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        @Nullable String idempotencyKey) {

    /** So many lost workers raise the suspicion that the file kills them. */
    private static final int SUSPICIOUS = 2;

    /** Whether it may be converted in no other job's company. */
    public boolean suspicious() {
        return strikes >= SUSPICIOUS;
    }

    /**
     * {@code queued -> converting -> done | failed}; cancelled by its owner; expired when its media
     * are gone.
     */
    public enum Status {
        QUEUED,
        CONVERTING,
        DONE,
        FAILED,
        CANCELLED,
        EXPIRED;

        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Who uploaded.
     *
     * @param id the user's
     * @param mail whether the address may be written to: it is confirmed
     */
    public record Owner(@Id @BsonId String id, String email, boolean mail) {}

    /**
     * The video.
     *
     * @param name as the user named it, without a path
     * @param bytes while it is being uploaded, as far as they are known
     * @param complete false while it is being uploaded: the job is not to be seen then
     * @param beat moved by the gateway while the upload lasts
     * @param stored false once the video was deleted
     * @param early whether a worker may begin before it is complete; earlier versions do not write
     *     it
     */
    public record Source(
            String name,
            long bytes,
            boolean complete,
            long beat,
            boolean stored,
            @Nullable Boolean early) {}

    /**
     * The claim of one worker.
     *
     * @param beat moved by the worker every half second
     * @param alone the worker does nothing else; said by one that has a suspicious job, before it
     *     begins; earlier versions do not write it
     */
    public record Lease(String worker, long beat, @Nullable Boolean alone) {}

    /**
     * The MP3.
     *
     * @param file its id in the media store
     */
    public record Result(String file, long bytes, long durationMs) {}

    /**
     * Telling the owner how it ended.
     *
     * @param made true after the effect
     * @param tries how often it could not be made
     * @param due when the sweep sends the event again if it was not made by then
     */
    public record Announcement(boolean made, int tries, Instant due) {}

    /** The same job under this name, to be made so. */
    public Job as(String name, Options options) {
        return new Job(
                id,
                owner,
                new Source(
                        name,
                        source.bytes(),
                        source.complete(),
                        source.beat(),
                        source.stored(),
                        source.early()),
                options,
                status,
                progress,
                turn,
                attempt,
                strikes,
                due,
                lease,
                result,
                failure,
                announcement,
                createdAt,
                startedAt,
                finishedAt,
                idempotencyKey);
    }

    /** The id of the file that the attempt under way writes. */
    public String attemptFile() {
        return id + "-" + attempt;
    }
}
