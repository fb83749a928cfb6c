package dev.tomp3.converter.conversion;

import dev.tomp3.converter.ffmpeg.Probe;
import dev.tomp3.converter.ffmpeg.TranscodeCommand;
import dev.tomp3.converter.mp3.SegmentFormat;
import dev.tomp3.converter.source.Part;
import dev.tomp3.jobs.Failure;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Converts a source whose audio continues in another way: each part is decoded by its own process,
 * to the format of the first part, one after the other, so that each byte of a part is decoded
 * once. The result sounds like the parts one behind the other. A part without audio is left out.
 */
final class ConversionInParts {
    private static final Duration SEGMENT = Duration.ofMinutes(2);

    private final Conversion conversion;
    private final ConversionTask task;

    ConversionInParts(Conversion conversion, ConversionTask task) {
        this.conversion = conversion;
        this.task = task;
    }

    private record Decodable(Part part, TranscodeCommand command) {}

    Mp3 run(List<Part> parts) throws ConversionFailed, IOException, InterruptedException {
        List<Decodable> decodable = decodable(parts);
        if (decodable.isEmpty()) throw new ConversionFailed(Failure.Code.NO_AUDIO_TRACK);
        TranscodeCommand first = decodable.getFirst().command();
        SegmentFormat format = Objects.requireNonNull(first.segments());
        try (SegmentedTranscode segments = conversion.segments(task, first, format)) {
            for (int i = 0; i < decodable.size(); i++) {
                Decodable next = decodable.get(i);
                try (ConversionTask part = task.ofPart(next.part())) {
                    segments.decode(part, next.command(), i == decodable.size() - 1);
                }
            }
            try (ConversionTask part = task.ofPart(decodable.getFirst().part())) {
                Decision decision = conversion.join(part, segments, first, false);
                if (decision instanceof Decision.NextTrack undecodable)
                    throw new ConversionFailed(undecodable.failure());
                return conversion.deliver(task, decision);
            }
        }
    }

    /** The parts that have audio, with the commands that decode them to the same format. */
    private List<Decodable> decodable(List<Part> parts)
            throws ConversionFailed, IOException, InterruptedException {
        List<Decodable> decodable = new ArrayList<>();
        SegmentFormat format = null;
        for (Part part : parts) {
            Probe probe;
            try (ConversionTask view = task.ofPart(part)) {
                probe = conversion.probe(view);
            }
            if (probe != null && part.track() != Part.ANY_TRACK)
                probe = probe.withOnly(part.track()).orElse(null);
            if (probe == null) continue;
            TranscodeCommand command = TranscodeCommand.of(probe, null, task.options());
            if (format == null) format = command.segmentFormat(probe, SEGMENT, task.options());
            decodable.add(new Decodable(part, command.inSegments(part.track(), format)));
        }
        return decodable;
    }
}
