package dev.tomp3.converter.ffmpeg;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Parses how ffmpeg describes its input, from "Input #0" to the first line that is not indented.
 * Properties of the input and its streams are indented by two spaces and metadata by four or more,
 * so that a title cannot pass for a track.
 */
final class InputLog {
    static final int MAX_STREAMS = 1000;

    private static final Pattern INPUT = Pattern.compile("Input #0, ([a-z0-9_,]+), from '.*");
    private static final Pattern DURATION =
            Pattern.compile(
                    "  Duration: (\\d{1,9}):(\\d\\d):(\\d\\d)\\.(\\d\\d)"
                            + "(?:, start: (\\d{1,9})\\.(\\d{3}))?.*,.*");
    private static final Pattern BEGIN =
            Pattern.compile("  Duration: .*, start: (-?\\d{1,9}\\.\\d{6}).*");
    private static final Pattern STREAM =
            Pattern.compile(
                    "  Stream #0:(\\d{1,9})(?:\\[0x([0-9a-f]{1,7})])?(?:\\(([^)]*)\\))?:"
                            + " (Audio|Video): ([a-zA-Z0-9_]+)(.*)");
    private static final Pattern TAG =
            Pattern.compile("(?: \\([^()]*\\))? \\(([a-zA-Z0-9. _-]{1,16}) / 0x[0-9A-F]{1,8}\\).*");
    private static final Pattern TITLE = Pattern.compile("      title {1,12}: (.{1,200}).*");
    private static final Pattern LANGUAGE =
            Pattern.compile("(?!und$)[a-zA-Z]{2,3}(?:[-_]\\w{1,8})?");
    private static final Pattern AUDIO = Pattern.compile(".*?, (\\d{1,9}) Hz, ([^,]+)(?:,.*)?");

    /** Dispositions of tracks that are not the main sound. */
    private static final List<String> ADDITIONAL =
            List.of(
                    " (comment)",
                    " (visual impaired)",
                    " (hearing impaired)",
                    " (descriptions)",
                    " (karaoke)",
                    " (clean effects)",
                    " (dependent)");

    private boolean inInput;
    private boolean begun;
    private boolean ended;
    private String container = "";
    private @Nullable Duration duration;
    private final List<Probe.Audio> audio = new ArrayList<>();
    private final List<Probe.Picture> pictures = new ArrayList<>();
    private boolean video;

    /** Whether what is printed belongs to the last audio track. */
    private boolean inAudio;

    private double begin;

    /** Whether the description has begun. */
    boolean hasBegun() {
        return begun;
    }

    /** Whether the description is complete. */
    boolean hasEnded() {
        return ended;
    }

    /** The time stamp with which the input begins, in seconds. */
    double begin() {
        return begin;
    }

    /**
     * What was described so far.
     *
     * @param estimated whether the duration is a guess
     */
    Probe probe(boolean estimated) {
        return new Probe(
                container, duration, estimated, List.copyOf(audio), List.copyOf(pictures), video);
    }

    /**
     * Takes a message of the level info.
     *
     * @return whether it is about the input
     */
    boolean accept(String text) {
        if (inInput) {
            inInput = text.startsWith("  ");
            ended = !inInput;
            if (text.startsWith("    ")) title(text);
            else if (inInput) property(text);
            return true;
        }
        Matcher input = INPUT.matcher(text);
        if (begun || !input.matches()) return false;
        container = input.group(1);
        inInput = true;
        begun = true;
        return true;
    }

    private void property(String text) {
        Matcher beginning = BEGIN.matcher(text);
        if (beginning.matches()) begin = Double.parseDouble(beginning.group(1));
        Matcher length = DURATION.matcher(text);
        if (length.matches() && duration == null) {
            duration =
                    Duration.ofHours(Long.parseLong(length.group(1)))
                            .plusMinutes(Long.parseLong(length.group(2)))
                            .plusSeconds(Long.parseLong(length.group(3)))
                            .plusMillis(10 * Long.parseLong(length.group(4)));
            if (container.startsWith("matroska") && length.group(5) != null) {
                // in Matroska it is the time of the end, whenever the first packet is
                Duration start =
                        Duration.ofSeconds(Long.parseLong(length.group(5)))
                                .plusMillis(Long.parseLong(length.group(6)));
                if (start.compareTo(duration) < 0) duration = duration.minus(start);
            }
            return;
        }
        Matcher stream = STREAM.matcher(text);
        inAudio = false;
        if (stream.matches()) stream(stream);
    }

    private void title(String text) {
        Matcher title = TITLE.matcher(text);
        if (!inAudio || !title.matches()) return;
        inAudio = false;
        audio.add(audio.removeLast().titled(title.group(1).strip()));
    }

    private void stream(Matcher stream) {
        int index = Integer.parseInt(stream.group(1));
        @Nullable String id = stream.group(2);
        @Nullable String language = stream.group(3);
        String codec = stream.group(5);
        String rest = stream.group(6);
        if (stream.group(4).equals("Audio")) {
            Matcher properties = AUDIO.matcher(rest);
            boolean known = properties.matches();
            Matcher tag = TAG.matcher(rest);
            if (audio.size() < MAX_STREAMS) {
                audio.add(
                        new Probe.Audio(
                                index,
                                id == null ? -1 : Integer.parseInt(id, 16),
                                codec,
                                tag.matches() ? tag.group(1) : "",
                                known ? Integer.parseInt(properties.group(1)) : 0,
                                known ? withoutFlags(properties.group(2)) : "",
                                rest.contains(" (default)"),
                                ADDITIONAL.stream().anyMatch(rest::contains),
                                language != null && LANGUAGE.matcher(language).matches()
                                        ? language
                                        : null,
                                null));
                inAudio = true;
            }
        } else if (!rest.contains(" (attached pic)")) {
            video = true;
        } else if (pictures.size() < MAX_STREAMS) {
            pictures.add(new Probe.Picture(index, codec));
        }
    }

    private static String withoutFlags(String layout) {
        return layout.replaceFirst(" \\([a-z -]+\\).*", "");
    }
}
