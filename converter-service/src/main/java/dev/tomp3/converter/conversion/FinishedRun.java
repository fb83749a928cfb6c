package dev.tomp3.converter.conversion;

import dev.tomp3.converter.ffmpeg.FfmpegReport;
import dev.tomp3.converter.ffmpeg.TranscodeCommand;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A run of ffmpeg that has ended.
 *
 * @param strict whether a source that is truncated or damaged fails
 * @param bytes the size of the MP3; 0 when there is none
 * @param partLost whether nothing of a part of the source was decoded, although it has sound
 * @param edit what became of the decoded sound; null when all of it is in the MP3
 */
record FinishedRun(
        TranscodeCommand command,
        int status,
        FfmpegReport report,
        SourceEnd end,
        boolean strict,
        long bytes,
        boolean partLost,
        @Nullable Edit edit) {
    /**
     * A change of the decoded sound.
     *
     * @param decoded the length of the sound that was decoded
     * @param samples per channel that were encoded
     * @param begin what was left out at the beginning
     * @param ended whether the end of the source does not matter, since the MP3 ends before it
     */
    record Edit(Duration decoded, long samples, Duration begin, boolean ended) {}

    FinishedRun(
            TranscodeCommand command,
            int status,
            FfmpegReport report,
            SourceEnd end,
            boolean strict,
            long bytes) {
        this(command, status, report, end, strict, bytes, false, null);
    }
}
