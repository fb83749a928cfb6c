package dev.tomp3.converter.conversion;

import dev.tomp3.converter.ffmpeg.TranscodeCommand;
import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.Warning;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds a track that can be decoded, when the one that should be taken cannot. */
final class TrackSearch {
    private final Set<Integer> undecodable = new HashSet<>();
    private @Nullable Failure failure;
    private boolean onlyEmpty = true;

    /**
     * The command for the next track.
     *
     * @throws ConversionFailed when there is none, with what is wrong with the first that has
     *     packets
     */
    TranscodeCommand after(Decision.NextTrack track, ConversionTask task)
            throws ConversionFailed, IOException {
        undecodable.add(track.track());
        if (failure == null || onlyEmpty) failure = track.failure();
        onlyEmpty &= track.empty();
        TranscodeCommand next =
                TranscodeCommand.of(
                        track.probe(),
                        SegmentLength.of(track.probe(), task.source()),
                        task.options(),
                        undecodable);
        if (undecodable.contains(next.audio(track.probe()).index()))
            throw new ConversionFailed(failure);
        return next;
    }

    /** Leaves out the warning about tracks that are announced and have no packets. */
    Decision withoutNeedlessWarning(Decision decision) {
        return decision instanceof Decision.Deliver mp3 && !undecodable.isEmpty() && onlyEmpty
                ? new Decision.Deliver(
                        mp3.bytes(),
                        mp3.duration(),
                        mp3.warnings().stream()
                                .filter(warning -> warning.code() != Warning.Code.OTHER_TRACK)
                                .toList())
                : decision;
    }
}
