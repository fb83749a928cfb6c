package dev.tomp3.jobs.queue;

import java.util.List;

/**
 * The names of the two queues.
 *
 * @param video the gateway publishes here, and the converters listen
 * @param mp3 the converters publish here, and the notifier listens
 */
public record Queues(String video, String mp3) {
    List<String> names() {
        return List.of(video, mp3);
    }

    String of(Event event) {
        return switch (event) {
            case Event.VideoUploaded v -> video;
            case Event.Mp3Ready m -> mp3;
            case Event.ConversionFailed f -> mp3;
        };
    }
}
