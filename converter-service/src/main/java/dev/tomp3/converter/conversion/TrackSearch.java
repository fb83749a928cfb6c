package dev.tomp3.converter.conversion;

import dev.tomp3.converter.ffmpeg.Ffmpeg;
import dev.tomp3.converter.ffmpeg.Probe;
import dev.tomp3.converter.ffmpeg.TranscodeCommand;
import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.Option;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds a track that can be decoded, when the one that should be taken cannot. */
final class TrackSearch {
    private final Ffmpeg ffmpeg;
    private final Set<Integer> undecodable = new HashSet<>();
    private final Set<Integer> empty = new HashSet<>();
    private @Nullable Failure failure;

    TrackSearch(Ffmpeg ffmpeg) {
        this.ffmpeg = ffmpeg;
    }

    /**
     * The command for the next track. A track that has no packets is not missed.
     *
     * @throws ConversionFailed when there is none, with what is wrong with the first that has
     *     packets
     */
    TranscodeCommand after(Decision.NextTrack track, ConversionTask task)
            throws ConversionFailed, IOException {
        if (failure == null || empty.containsAll(undecodable)) failure = track.failure();
        if (task.options().text(Option.TRACK).isPresent()) throw new ConversionFailed(failure);
        undecodable.add(track.track());
        if (track.empty()) empty.add(track.track());
        Probe probe = track.probe();
        Set<Integer> all = new HashSet<>(undecodable);
        all.addAll(ffmpeg.undecodable(probe));
        TranscodeCommand next =
                TranscodeCommand.of(
                        probe, SegmentLength.of(probe, task.source()), task.options(), all);
        if (all.contains(next.audio(probe).index())) throw new ConversionFailed(failure);
        Set<Integer> missed = new HashSet<>(next.passedOver());
        missed.removeAll(empty);
        return next.withPassedOver(Set.copyOf(missed));
    }

    /** The failure of a file that does not have the track that was asked for. */
    static Failure noSuchTrack(Probe probe) {
        String tracks =
                probe.tracks().stream()
                        .map(track ->
                                "%d (%s%s)"
                                        .formatted(
                                                track.number(),
                                                track.codec(),
                                                track.language() == null
                                                        ? ""
                                                        : ", " + track.language()))
                        .collect(Collectors.joining(", "));
        return new Failure(
                Failure.Code.NO_SUCH_TRACK,
                "The file does not have the audio track that was asked for. Its tracks are %s."
                        .formatted(tracks),
                probe.tracks());
    }
}
