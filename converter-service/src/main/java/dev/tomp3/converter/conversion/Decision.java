package dev.tomp3.converter.conversion;

import dev.tomp3.converter.ffmpeg.Probe;
import dev.tomp3.converter.ffmpeg.TranscodeCommand;
import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.Sound;
import dev.tomp3.jobs.Warning;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is to be done about a run of ffmpeg. */
sealed interface Decision {
    /** Nothing is wrong so far. */
    record Proceed() implements Decision {}

    /** The MP3 is what it should be. */
    record Deliver(long bytes, Duration duration, List<Warning> warnings, @Nullable Sound sound)
            implements Decision {
        Deliver(long bytes, Duration duration, List<Warning> warnings) {
            this(bytes, duration, warnings, null);
        }

        Deliver with(Sound known) {
            return new Deliver(bytes, duration, warnings, known);
        }
    }

    /** Another command is right for this file. */
    record Retry(TranscodeCommand command) implements Decision {}

    /** The audio may begin later than ffmpeg has looked. */
    record LookFurther() implements Decision {}

    /**
     * The source has several parts, which are to be decoded one by one.
     *
     * @param track the stream id of the audio
     */
    record Split(int track) implements Decision {}

    /** The file cannot become an MP3. */
    record Fail(Failure failure) implements Decision {
        Fail(Failure.Code code) {
            this(new Failure(code));
        }
    }

    /**
     * The track cannot be decoded; another one may be.
     *
     * @param probe the input
     * @param track the index of the stream
     * @param empty whether it is announced but has no packets
     * @param failure of the file when it has no other track
     */
    record NextTrack(Probe probe, int track, boolean empty, Failure failure) implements Decision {}

    /** The disk has no space for the MP3; a later attempt may succeed. */
    record DiskFull() implements Decision {}

    /** An internal error, which says nothing about the file. */
    record Internal(String reason) implements Decision {}
}
