package dev.tomp3.converter.ffmpeg;

import org.jspecify.annotations.Nullable;

/**
 * What ffmpeg printed until it ended.
 *
 * @param probe the input, or as much of it as was printed; null when ffmpeg did not open it
 * @param recognized whether an accepted format was recognized, even if it could not be opened
 * @param endsWithinPacket whether an MP4 or Matroska file ends before something that it announced
 * @param diskFull whether the result could not be written for lack of space
 * @param outOfCpuTime whether ffmpeg was told that its CPU time is used up
 * @param packetsRead packets of the audio tracks; -1 when ffmpeg printed no number
 * @param samplesEncoded per channel, at the sample rate of the result; -1 when none were
 * @param packetsWritten audio packets; -1 when ffmpeg printed no number
 * @param faults of the input
 */
public record FfmpegReport(
        @Nullable Probe probe,
        boolean recognized,
        boolean endsWithinPacket,
        boolean diskFull,
        boolean outOfCpuTime,
        long packetsRead,
        long samplesEncoded,
        long packetsWritten,
        Faults faults) {

    /**
     * What ffmpeg found wrong with its input.
     *
     * @param undecoded packets that the decoder could not use
     * @param decoded frames that it made of the others
     * @param incomplete packets that the demuxer could not read completely
     * @param demuxerError whether the demuxer complained about something else
     * @param noDecoder whether there is no decoder for the track
     * @param drm whether the demuxer saw a protection
     * @param codec the name of a codec that ffmpeg does not know; null when it named none
     */
    public record Faults(
            long undecoded,
            long decoded,
            long incomplete,
            boolean demuxerError,
            boolean noDecoder,
            boolean drm,
            @Nullable String codec) {
        /** No faults. */
        public static final Faults NONE = new Faults(0, 0, 0, false, false, false, null);

        /** Packets that did not become what they should. */
        public long damaged() {
            return Math.max(undecoded, incomplete);
        }
    }

    /** The same report about an input that another run has printed. */
    public FfmpegReport withProbe(@Nullable Probe other) {
        return new FfmpegReport(
                other,
                recognized,
                endsWithinPacket,
                diskFull,
                outOfCpuTime,
                packetsRead,
                samplesEncoded,
                packetsWritten,
                faults);
    }
}
