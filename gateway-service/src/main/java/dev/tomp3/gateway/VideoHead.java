package dev.tomp3.gateway;

import dev.tomp3.jobs.media.MediaFormat;
import dev.tomp3.jobs.media.NonMedia;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import java.util.Arrays;
import java.util.Optional;

/** The first bytes of a video, which decide whether it is accepted. */
final class VideoHead {
    private final boolean judged;
    private byte[] bytes;

    /**
     * Begins with what an earlier request brought.
     *
     * @param bytes from the start of the video
     */
    VideoHead(byte[] bytes) {
        this(bytes, false);
    }

    private VideoHead(byte[] bytes, boolean judged) {
        this.bytes = bytes;
        this.judged = judged;
    }

    /** The head of a video that was accepted by an earlier request. */
    static VideoHead judged() {
        return new VideoHead(new byte[0], true);
    }

    /**
     * Adds the bytes that follow.
     *
     * @throws ProblemException 415 when the head is complete with them, and not of audio or video
     */
    void add(byte[] more, int length) {
        if (isComplete()) return;
        int part = Math.min(length, MediaFormat.HEAD_BYTES - bytes.length);
        bytes = Arrays.copyOf(bytes, bytes.length + part);
        System.arraycopy(more, 0, bytes, bytes.length - part, part);
        if (isComplete()) requireMedia();
    }

    /**
     * To be called when the video has no more bytes.
     *
     * @throws ProblemException 400 or 415 when it is none
     */
    void end() {
        if (!judged && bytes.length == 0)
            throw new ProblemException(Problem.EMPTY_FILE, "The file has no bytes.");
        if (!isComplete()) requireMedia();
    }

    boolean isStreamable() {
        return !judged && isComplete() && MediaFormat.isStreamable(bytes);
    }

    private boolean isComplete() {
        return judged || bytes.length >= MediaFormat.HEAD_BYTES;
    }

    private void requireMedia() {
        Optional<NonMedia> other = NonMedia.of(bytes);
        if (other.isPresent()) {
            throw new ProblemException(
                    Problem.NOT_MEDIA,
                    "%s, not audio or video. Accepted are %s."
                            .formatted(other.get().reason(), MediaFormat.displayNames()));
        }
    }
}
