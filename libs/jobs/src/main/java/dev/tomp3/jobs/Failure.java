package dev.tomp3.jobs;

import java.util.Locale;

/** Why a job failed for good. */
public record Failure(Code code, String message) {
    /** Stable codes that scripts may rely on; in the API in lower case with hyphens. */
    public enum Code {
        NOT_MEDIA("The file is not audio or video, or it is damaged beyond reading."),
        NO_AUDIO_TRACK("The file has no audio track."),
        TOO_LONG("The audio is longer than this server converts."),
        TOO_LARGE("The MP3 would be larger than this server keeps."),
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

    public Failure(Code code) {
        this(code, code.message);
    }
}
