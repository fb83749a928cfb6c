package dev.tomp3.converter.ffmpeg;

import java.time.Duration;
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
 * @param timeline how the recording's time became the MP3's
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
        Faults faults,
        Timeline timeline) {

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
        private static final int CUT_AT_SEAM = 2;

        /** No faults. */
        public static final Faults NONE = new Faults(0, 0, 0, false, false, false, null);

        /** Frames that are cut where one part ends and another begins do not count. */
        private Faults followedBy(Faults next) {
            return new Faults(
                    Math.max(0, undecoded + next.undecoded - CUT_AT_SEAM),
                    decoded + next.decoded,
                    Math.max(0, incomplete + next.incomplete - CUT_AT_SEAM),
                    demuxerError || next.demuxerError,
                    noDecoder && next.noDecoder,
                    drm && next.drm,
                    codec);
        }

        /** Packets that did not become what they should. */
        public long damaged() {
            return Math.max(undecoded, incomplete);
        }
    }

    /** The same report of a run that decoded only to measure the sound. */
    public FfmpegReport withoutDecoding() {
        return new FfmpegReport(
                probe,
                recognized,
                endsWithinPacket,
                diskFull,
                outOfCpuTime,
                packetsRead,
                samplesEncoded,
                packetsWritten,
                new Faults(
                        0,
                        0,
                        faults.incomplete,
                        faults.demuxerError,
                        faults.noDecoder,
                        faults.drm,
                        faults.codec),
                timeline);
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
                faults,
                timeline);
    }

    /**
     * The report about a source of two parts: the first is the input, and declares the length of
     * both.
     *
     * @param length of the sound of the first
     */
    public FfmpegReport followedBy(FfmpegReport next, Duration length) {
        Duration one = declared();
        Duration other = next.declared();
        return new FfmpegReport(
                probe == null
                        ? null
                        : probe.declaring(one == null || other == null ? null : one.plus(other)),
                recognized,
                next.endsWithinPacket,
                diskFull || next.diskFull,
                outOfCpuTime || next.outOfCpuTime,
                sum(packetsRead, next.packetsRead),
                sum(samplesEncoded, next.samplesEncoded),
                sum(packetsWritten, next.packetsWritten),
                faults.followedBy(next.faults),
                timeline.followedBy(next.timeline, length));
    }

    /** Whether nothing was decoded, although there is more than what is cut at a seam. */
    public boolean isUndecoded() {
        return packetsWritten <= 0 && (faults.noDecoder || packetsRead > Faults.CUT_AT_SEAM);
    }

    /** The declared length of what was decoded; null when there is none. */
    private @Nullable Duration declared() {
        if (packetsWritten <= 0) return Duration.ZERO;
        return probe == null ? null : probe.declared();
    }

    private static long sum(long one, long other) {
        return one < 0 || other < 0 ? Math.max(one, other) : one + other;
    }
}
