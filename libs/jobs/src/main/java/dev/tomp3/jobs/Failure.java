package dev.tomp3.jobs;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Why a job failed for good.
 *
 * @param audioTracks of the file, where that is what the user has to know
 */
public record Failure(Code code, String message, @Nullable List<Sound.Track> audioTracks) {
    /** Stable codes that scripts may rely on; in the API in lower case with hyphens. */
    public enum Code {
        NOT_MEDIA("The file is not audio or video, or it is damaged beyond reading."),
        NO_AUDIO_TRACK("The file has no audio track."),
        NO_SUCH_TRACK("The file does not have the audio track that was asked for."),
        TOO_LONG("The audio is longer than this server converts."),
        TOO_LARGE("The MP3 would be larger than this server keeps."),
        NOTHING_LEFT("The sound ends before the start that was asked for."),
        CORRUPT("The file breaks off or is damaged."),
        ENCRYPTED("The audio is encrypted or protected (DRM), so it cannot be converted."),
        UNSUPPORTED_CODEC("The audio is in a format that this server cannot decode."),
        TIMED_OUT("The conversion took too long and was stopped."),
        INTERNAL("The conversion failed several times without a reason to be found in the file.");

        private final String message;

        Code(String message) {
            this.message = message;
        }

        public String wire() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** A failure that has nothing to do with tracks. */
    public Failure(Code code, String message) {
        this(code, message, null);
    }

    /** A failure that its code explains. */
    public Failure(Code code) {
        this(code, code.message);
    }

    @Override
    public List<Sound.Track> audioTracks() {
        return audioTracks == null ? List.of() : audioTracks;
    }
}
