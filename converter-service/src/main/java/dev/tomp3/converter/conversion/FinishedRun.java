package dev.tomp3.converter.conversion;

import dev.tomp3.converter.ffmpeg.FfmpegReport;
import dev.tomp3.converter.ffmpeg.TranscodeCommand;

/**
 * A run of ffmpeg that has ended.
 *
 * @param strict whether a source that is truncated or damaged fails
 * @param bytes the size of the MP3; 0 when there is none
 */
record FinishedRun(
        TranscodeCommand command,
        int status,
        FfmpegReport report,
        SourceEnd end,
        boolean strict,
        long bytes) {}
