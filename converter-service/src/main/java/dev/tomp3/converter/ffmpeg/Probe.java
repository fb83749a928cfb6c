package dev.tomp3.converter.ffmpeg;

import dev.tomp3.jobs.Sound;
import dev.tomp3.jobs.media.MediaFormat;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The properties of an input as ffmpeg printed them. A hostile file can make all of them untrue, so
 * they are used only to choose between harmless command lines and to reject a file.
 *
 * @param container the demuxer's names, separated by commas
 * @param duration as the file declares it; null when it declares none
 * @param estimated whether the duration was only computed from size and bit rate
 * @param video whether there are moving pictures
 */
public record Probe(
        String container,
        @Nullable Duration duration,
        boolean estimated,
        List<Audio> audio,
        List<Picture> pictures,
        boolean video) {

    /**
     * An audio track.
     *
     * @param index among all streams of the file
     * @param id the number that the container gives it; -1 without one
     * @param codec ffmpeg's name; {@code none} for one that it does not know
     * @param tag the container's name of the codec; empty when ffmpeg printed none
     * @param sampleRate in Hz; 0 when it is unknown
     * @param layout as ffmpeg prints it: {@code stereo}, {@code 5.1(side)}; empty when it is
     *     unknown
     * @param additional whether it is not the main sound, such as a commentary or an audio
     *     description
     * @param language as the file declares it; null when it declares none
     */
    public record Audio(
            int index,
            int id,
            String codec,
            String tag,
            int sampleRate,
            String layout,
            boolean byDefault,
            boolean additional,
            @Nullable String language,
            @Nullable String title) {
        /** A track without language and title. */
        public Audio(
                int index,
                int id,
                String codec,
                String tag,
                int sampleRate,
                String layout,
                boolean byDefault,
                boolean additional) {
            this(index, id, codec, tag, sampleRate, layout, byDefault, additional, null, null);
        }

        Audio titled(String text) {
            return new Audio(
                    index,
                    id,
                    codec,
                    tag,
                    sampleRate,
                    layout,
                    byDefault,
                    additional,
                    language,
                    text);
        }

        /** Whether it was announced, and no packet of it was found. */
        boolean isEmpty() {
            return !codec.equals("none") && (sampleRate == 0 || layout.equals("0 channels"));
        }
    }

    /** An attached picture, which is not a video. */
    public record Picture(int index, String codec) {}

    /** The format of the container; empty for a demuxer that is not accepted. */
    public Optional<MediaFormat> format() {
        return MediaFormat.ofDemuxer(container);
    }

    /** The declared duration; null when there is none, or only an estimate. */
    public @Nullable Duration declared() {
        return estimated ? null : duration;
    }

    /** The same input, if it declared this duration. */
    public Probe declaring(@Nullable Duration length) {
        return new Probe(container, length, false, audio, pictures, video);
    }

    /** The audio tracks as a user sees them. */
    public List<Sound.Track> tracks() {
        return IntStream.range(0, audio.size())
                .mapToObj(i -> {
                    Audio track = audio.get(i);
                    return new Sound.Track(
                            i + 1,
                            track.codec(),
                            track.layout(),
                            track.language(),
                            track.title(),
                            track.byDefault());
                })
                .toList();
    }

    /** The same input, if it had only the audio track with this id. */
    public Optional<Probe> withOnly(int id) {
        return audio.stream()
                .filter(track -> track.id() == id)
                .findFirst()
                .map(track ->
                        new Probe(container, duration, estimated, List.of(track), pictures, video));
    }
}
