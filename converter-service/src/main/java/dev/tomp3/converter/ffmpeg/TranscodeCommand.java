package dev.tomp3.converter.ffmpeg;

import dev.tomp3.converter.mp3.SegmentFormat;
import dev.tomp3.jobs.Option;
import dev.tomp3.jobs.Options;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How an MP3 is made of a file, as a function of the file's properties and the user's options.
 * {@link FfmpegArguments} makes the command lines.
 *
 * @param track an ffmpeg stream specifier: {@code 0:a:0}, {@code 0:3} by number, or {@code 0:i:256}
 *     by id
 * @param passedOver the stream numbers of tracks that should have been taken, but cannot be decoded
 * @param copy whether the frames are copied without encoding
 * @param cover the stream number of the attached picture to keep; null for none
 * @param quality of a variable bit rate; null for a constant one
 * @param bitrate in kbit/s
 * @param sampleRate in Hz; null for the source's
 * @param segments the format in which several encoders get the audio; null when one process does
 *     everything
 * @param start when the sound begins; null when it is not known yet
 * @param stamped whether the container has time stamps, which bare MP3 has not
 */
public record TranscodeCommand(
        String track,
        Set<Integer> passedOver,
        boolean copy,
        ChannelMix channels,
        Tags tags,
        @Nullable Integer cover,
        @Nullable Integer quality,
        int bitrate,
        @Nullable Integer sampleRate,
        @Nullable SegmentFormat segments,
        @Nullable SoundStart start,
        boolean stamped) {

    /** Where title and other tags come from. */
    public enum Tags {
        FROM_FILE,
        /** As in Ogg. */
        FROM_TRACK
    }

    /** For audio of which the rate is not known before it is decoded. */
    private static final int USUAL_RATE = 48_000;

    /** The command for most files: one or two channels, one audio track, no cover, not MP3. */
    public static TranscodeCommand usual(Options options) {
        return new TranscodeCommand(
                "0:a:0",
                Set.of(),
                false,
                options.mono() ? ChannelMix.TO_MONO : ChannelMix.UNCHANGED,
                Tags.FROM_FILE,
                null,
                options.quality(),
                options.effectiveBitrate(),
                options.sampleRate(),
                null,
                null,
                true);
    }

    /** The command for a file of which no track is known to be undecodable. */
    public static TranscodeCommand of(Probe probe, @Nullable Duration segment, Options options) {
        return of(probe, segment, options, Set.of());
    }

    /**
     * The command for a file that has an audio track.
     *
     * @param segment how much of it each encoder gets; null for a single process
     * @param undecodable the stream numbers of tracks that are taken only when there is no other
     */
    public static TranscodeCommand of(
            Probe probe, @Nullable Duration segment, Options options, Set<Integer> undecodable) {
        TrackSelection selection = TrackSelection.of(probe, undecodable, options);
        Probe.Audio audio = selection.tracks().getFirst();
        boolean discrete = selection.tracks().size() > 1;
        int rate = options.sampleRateFor(audio.sampleRate());
        boolean rateStays = audio.sampleRate() == 0 || rate == audio.sampleRate();
        boolean copy = !discrete && audio.codec().equals("mp3") && options.keepsMp3();
        boolean oneChannel = options.mono() || (!discrete && ChannelMix.isMono(audio.layout()));
        boolean known = audio.sampleRate() > 0 && !audio.layout().isEmpty();
        return new TranscodeCommand(
                audio.equals(probe.audio().getFirst()) ? "0:a:0" : "0:" + audio.index(),
                selection.passedOver(),
                copy,
                discrete
                        ? ChannelMix.of(selection.tracks(), options.mono())
                        : ChannelMix.of(
                                audio.layout(),
                                options.mono(),
                                known ? audio.sampleRate() : USUAL_RATE),
                probe.container().equals("ogg") ? Tags.FROM_TRACK : Tags.FROM_FILE,
                probe.pictures().stream()
                        .filter(picture -> !options.dropsCover())
                        .filter(picture -> Set.of("mjpeg", "png").contains(picture.codec()))
                        .findFirst()
                        .map(Probe.Picture::index)
                        .orElse(null),
                options.quality(),
                options.effectiveBitrate(),
                options.sampleRate() == null && rateStays ? null : Integer.valueOf(rate),
                copy ? null : segments(known, rate, oneChannel ? 1 : 2, segment, options),
                null,
                !probe.container().equals("mp3"));
    }

    /** Sound that is changed passes this program, in one segment if it is short. */
    private static @Nullable SegmentFormat segments(
            boolean known, int rate, int channels, @Nullable Duration segment, Options options) {
        if (known && segment != null) return new SegmentFormat(rate, channels, segment);
        return options.changesSound()
                ? SegmentFormat.whole(known ? rate : options.sampleRateFor(USUAL_RATE), channels)
                : null;
    }

    /** Whether a file has the track that the options name, if they name one. */
    public static boolean isTrackThere(Probe probe, Options options) {
        return options.text(Option.TRACK).isEmpty()
                || !TrackSelection.chosen(probe.audio(), options).isEmpty();
    }

    /** The track that this command takes of a file. */
    public Probe.Audio audio(Probe probe) {
        return probe.audio().stream()
                .filter(audio -> Set.of("0:" + audio.index(), byId(audio.id())).contains(track))
                .findFirst()
                .orElseGet(probe.audio()::getFirst);
    }

    /** The same command for a file of which these tracks should have been taken. */
    public TranscodeCommand withPassedOver(Set<Integer> tracks) {
        return with(track, tracks, copy, cover, segments, start);
    }

    /** The same command that keeps no cover. */
    public TranscodeCommand withoutCover() {
        return with(track, passedOver, copy, null, segments, start);
    }

    /** The same command that encodes in a single process. */
    public TranscodeCommand withoutCopy() {
        return with(track, passedOver, false, cover, null, start);
    }

    /** The same command for sound that begins then; silence cannot be put before a copy. */
    public TranscodeCommand startingAt(SoundStart known) {
        boolean copies = copy && known.equals(SoundStart.IMMEDIATE);
        return with(track, passedOver, copies, cover, segments, known);
    }

    /**
     * The same command that decodes a track of this id to a format in which other tracks come, too.
     */
    public TranscodeCommand inSegments(int id, SegmentFormat format) {
        String part = id < 0 ? track : byId(id);
        return with(part, passedOver, false, cover, format, SoundStart.IMMEDIATE);
    }

    private static String byId(int id) {
        return "0:i:" + id;
    }

    private TranscodeCommand with(
            String track,
            Set<Integer> passedOver,
            boolean copy,
            @Nullable Integer cover,
            @Nullable SegmentFormat segments,
            @Nullable SoundStart start) {
        return new TranscodeCommand(
                track,
                passedOver,
                copy,
                channels,
                tags,
                cover,
                quality,
                bitrate,
                sampleRate,
                segments,
                start,
                stamped);
    }

    /** The format in which several encoders get the track that this command takes. */
    public SegmentFormat segmentFormat(Probe probe, Duration segment, Options options) {
        Probe.Audio audio = audio(probe);
        boolean mono = options.mono() || ChannelMix.isMono(audio.layout());
        int rate = audio.sampleRate() == 0 ? USUAL_RATE : audio.sampleRate();
        return new SegmentFormat(options.sampleRateFor(rate), mono ? 1 : 2, segment);
    }

    /**
     * The command for a file that has surround only later; null when this one expects it already.
     */
    public @Nullable TranscodeCommand withSurround(Probe probe, Options options) {
        if (copy || channels.isLimited()) return null;
        int rate = audio(probe).sampleRate();
        return new TranscodeCommand(
                track,
                passedOver,
                false,
                ChannelMix.of("5.1", options.mono(), rate == 0 ? USUAL_RATE : rate),
                tags,
                cover,
                quality,
                bitrate,
                sampleRate,
                segments,
                start,
                stamped);
    }

    /** The id of the track that this command takes. */
    public int streamId(Probe probe) {
        return probe.audio().isEmpty() ? -1 : audio(probe).id();
    }

    /** Whether both make the same audio, apart from the cover they keep. */
    public boolean makesSameAudioAs(TranscodeCommand other) {
        return withoutCover().equals(other.withoutCover());
    }
}
