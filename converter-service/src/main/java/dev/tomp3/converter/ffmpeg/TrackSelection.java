package dev.tomp3.converter.ffmpeg;

import dev.tomp3.jobs.Option;
import dev.tomp3.jobs.Options;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which audio of a file is converted: its default track, else its first. A track that cannot be
 * decoded, an empty one, and one that is only an addition (a commentary, an audio description) is
 * taken only when there is no other. Mono tracks that are labelled as the channels of one recording
 * are taken together.
 *
 * @param tracks one, or those of a recording
 * @param passedOver the stream numbers of preferable tracks that cannot be decoded
 */
record TrackSelection(List<Probe.Audio> tracks, Set<Integer> passedOver) {
    private static final String LANGUAGE = "language=";

    private static final Set<String> PAIR = Set.of("FL", "FR");

    private static final Comparator<Probe.Audio> PREFERENCE =
            Comparator.comparing(Probe.Audio::isEmpty)
                    .thenComparing(Probe.Audio::additional)
                    .thenComparing(track -> !track.byDefault());

    /**
     * Selects from the tracks of a file that has some.
     *
     * @param undecodable the stream numbers of tracks that cannot be decoded
     */
    static TrackSelection of(Probe probe, Set<Integer> undecodable) {
        return of(probe, undecodable, Options.NONE);
    }

    /** Selects the track that the options name; if they name none that is there, by the rules. */
    static TrackSelection of(Probe probe, Set<Integer> undecodable, Options options) {
        List<Probe.Audio> chosen =
                chosen(probe.audio().stream().sorted(PREFERENCE).toList(), probe.audio(), options);
        if (!chosen.isEmpty()) {
            return new TrackSelection(
                    List.of(
                            chosen.stream()
                                    .filter(track -> !undecodable.contains(track.index()))
                                    .findFirst()
                                    .orElse(chosen.getFirst())),
                    Set.of());
        }
        List<Probe.Audio> preferred = probe.audio().stream().sorted(PREFERENCE).toList();
        List<Probe.Audio> usable =
                preferred.stream().filter(track -> !undecodable.contains(track.index())).toList();
        if (usable.isEmpty()) return new TrackSelection(List.of(preferred.getFirst()), Set.of());
        Probe.Audio best = usable.getFirst();
        return new TrackSelection(
                withItsChannels(best, usable),
                preferred.stream()
                        .takeWhile(track -> !track.equals(best))
                        .map(Probe.Audio::index)
                        .collect(Collectors.toUnmodifiableSet()));
    }

    /** The tracks that the options name. */
    static List<Probe.Audio> chosen(List<Probe.Audio> tracks, Options options) {
        return chosen(tracks, tracks, options);
    }

    private static List<Probe.Audio> chosen(
            List<Probe.Audio> preferred, List<Probe.Audio> inOrder, Options options) {
        String wanted = options.text(Option.TRACK).orElse("");
        if (wanted.isEmpty()) return List.of();
        if (wanted.startsWith(LANGUAGE)) {
            String language = wanted.substring(LANGUAGE.length());
            return preferred.stream()
                    .filter(track -> Language.isSame(track.language(), language))
                    .toList();
        }
        int number = Integer.parseInt(wanted);
        return number > inOrder.size() ? List.of() : List.of(inOrder.get(number - 1));
    }

    /** The tracks of the recording that this one is a channel of. */
    private static List<Probe.Audio> withItsChannels(
            Probe.Audio track, List<Probe.Audio> candidates) {
        Map<String, Probe.Audio> channels = new LinkedHashMap<>();
        for (Probe.Audio candidate : candidates) {
            if (candidate.layout().startsWith("1 channels ("))
                channels.putIfAbsent(ChannelMix.channel(candidate.layout()), candidate);
        }
        if (!channels.keySet().containsAll(PAIR)) return List.of(track);
        channels.keySet().removeAll(Set.of("DL", "DR")); // a mix of the others
        // ffmpeg prints the centre as mono; beside a mere pair it may be a recording of its own
        if (channels.size() > PAIR.size()) {
            candidates.stream()
                    .filter(candidate -> candidate.layout().equals("mono"))
                    .findFirst()
                    .ifPresent(centre -> channels.put("FC", centre));
        }
        return channels.containsValue(track) ? List.copyOf(channels.values()) : List.of(track);
    }
}
