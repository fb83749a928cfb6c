package dev.tomp3.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Links that work without a login until they expire: HMAC-SHA256 over the purpose of the link, what
 * it leads to, its expiry and its disposition.
 */
public final class DownloadLinks {
    public static final String ALGORITHM = "HmacSHA256";

    /** What a browser does with the MP3. */
    public enum Disposition {
        /** Saves it. */
        ATTACHMENT,
        /** Plays it. */
        INLINE;

        /** As links and HTTP headers show it. */
        public String wire() {
            return this == INLINE ? "inline" : "attachment";
        }
    }

    private final Supplier<SecretKeySpec> secret;

    /**
     * @param secret the same in all processes that make and answer links
     */
    public DownloadLinks(Supplier<SecretKeySpec> secret) {
        this.secret = secret;
    }

    /** The path and query of a link to the MP3 of a job that is done. */
    public String toMp3(Job job, Instant expiry, Disposition disposition) {
        long seconds = expiry.getEpochSecond();
        return "/d/%s?e=%d&k=%s&s=%s"
                .formatted(
                        job.id(),
                        seconds,
                        disposition.wire(),
                        signatureOfMp3(job, seconds, disposition.wire()));
    }

    /**
     * Whether the link was made here, for this MP3, and not changed since. It may have expired.
     *
     * @param expiry in seconds since 1970
     */
    public boolean isToMp3(Job job, long expiry, String disposition, String signature) {
        return equal(signatureOfMp3(job, expiry, disposition), signature);
    }

    /** The path and query of a link to an archive. */
    public String toArchive(String id, Instant expiry) {
        long seconds = expiry.getEpochSecond();
        return "/archives/%s?e=%d&s=%s".formatted(id, seconds, signatureOfArchive(id, seconds));
    }

    /** As {@link #isToMp3}. */
    public boolean isToArchive(String id, long expiry, String signature) {
        return equal(signatureOfArchive(id, expiry), signature);
    }

    private String signatureOfMp3(Job job, long expiry, String disposition) {
        return signature("mp3", job.id(), job.attemptFile(), Long.toString(expiry), disposition);
    }

    private String signatureOfArchive(String id, long expiry) {
        return signature("archive", id, Long.toString(expiry));
    }

    private String signature(String... parts) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(secret.get());
            byte[] signature = mac.doFinal(String.join("\n", parts).getBytes(UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException(e);
        }
    }

    /** In constant time. */
    private static boolean equal(String expected, String sent) {
        return MessageDigest.isEqual(expected.getBytes(UTF_8), sent.getBytes(UTF_8));
    }
}
