package dev.tomp3.converter;

import dev.tomp3.converter.conversion.Mp3;
import dev.tomp3.jobs.Failure;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** How an attempt at a job ended. */
sealed interface Outcome {
    /** The MP3 is stored. */
    record Converted(Mp3 mp3) implements Outcome {}

    /** The file cannot be converted. */
    record NotConvertible(Failure failure) implements Outcome {}

    /** The job is cancelled, or another attempt has it. */
    record LeaseLost() implements Outcome {}

    /** The video is being uploaded, and nothing arrives. */
    record UploadStalled() implements Outcome {}

    /** This worker stops before the job is done. */
    record WorkerStopped(int progress) implements Outcome {}

    /** A store or the disk failed. */
    record StoreFailed(IOException cause) implements Outcome {}

    /** Anything else went wrong; among it a video that is not in the store. */
    record FailedInternally(@Nullable Throwable cause) implements Outcome {}
}
