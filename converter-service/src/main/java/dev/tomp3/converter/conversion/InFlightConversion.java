package dev.tomp3.converter.conversion;

import dev.tomp3.converter.ffmpeg.TranscodeCommand;
import dev.tomp3.converter.mp3.SegmentFormat;
import dev.tomp3.converter.source.InFlightSource;
import dev.tomp3.jobs.Options;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Converts a video while it is being uploaded, so that most of a long one is encoded when its last
 * byte arrives.
 *
 * <p>Only segments are made early. Everything else, the judgement above all, waits for the complete
 * file: when the upload cannot be decoded as it arrives, or the complete file needs other audio, it
 * is converted as if this had not been tried. No other class depends on this one but the worker,
 * which could wait for each upload instead.
 */
public final class InFlightConversion {
    private static final Logger log = LoggerFactory.getLogger(InFlightConversion.class);

    private final Conversion conversion;

    /** Creates a conversion of uploads that uses the conversion of complete files. */
    public InFlightConversion(Conversion conversion) {
        this.conversion = conversion;
    }

    /** Converts an upload; the parameters and exceptions are those of {@link Conversion#run}. */
    public Mp3 run(
            InFlightSource source,
            String fileName,
            Options options,
            Path directory,
            IntConsumer progress)
            throws ConversionFailed, IOException, InterruptedException {
        try (ConversionTask task =
                conversion.open(source, fileName, options, directory, progress)) {
            @Nullable Mp3 mp3 = convertEarly(task, source);
            source.awaitCompletion();
            return mp3 == null ? conversion.convert(task.withTimeFromNow()) : mp3;
        }
    }

    /**
     * Returns null when the upload cannot be decoded as it arrives, is too short for segments, or
     * needs other audio when it is complete.
     */
    private @Nullable Mp3 convertEarly(ConversionTask task, InFlightSource source)
            throws IOException, InterruptedException {
        try {
            TranscodeCommand usual = TranscodeCommand.usual(task.options());
            Decision decision = conversion.transcode(task, usual, Transcode.Output.PROBE, true);
            if (decision instanceof Decision.Retry(TranscodeCommand other) && other.start() == null)
                decision = conversion.transcode(task, other, Transcode.Output.PROBE, false);
            if (!(decision instanceof Decision.Retry(TranscodeCommand command))) return null;
            SegmentFormat format = command.segments();
            if (format == null) return null;
            SegmentedTranscode segments = conversion.segments(task, command, format);
            try (HeadRun head = conversion.head(task, segments, true)) {
                if (!segments.run()) return null;
                source.awaitCompletion();
                Decision joined = conversion.join(segments, head);
                return joined instanceof Decision.Retry || joined instanceof Decision.NextTrack
                        ? null
                        : conversion.deliver(task, joined);
            }
        } catch (ConversionFailed e) {
            log.debug("Not converted early: {}", e.failure().code());
            return null;
        }
    }
}
