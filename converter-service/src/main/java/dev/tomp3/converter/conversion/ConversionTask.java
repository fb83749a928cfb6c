package dev.tomp3.converter.conversion;

import dev.tomp3.converter.ffmpeg.Input;
import dev.tomp3.converter.ffmpeg.Title;
import dev.tomp3.converter.source.Part;
import dev.tomp3.converter.source.Source;
import dev.tomp3.converter.source.SourceServer;
import dev.tomp3.jobs.Options;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;

/**
 * One video to convert: its source, what its user wants, and where its files lie.
 *
 * @param title of the MP3 when the source has none
 * @param progress is told percentages
 * @param stopwatch measures the time that the conversion takes
 * @param deep whether ffmpeg looks far into the source for tracks
 */
record ConversionTask(
        Source source,
        SourceServer server,
        String title,
        Options options,
        Path directory,
        IntConsumer progress,
        Stopwatch stopwatch,
        boolean deep)
        implements AutoCloseable {

    static ConversionTask open(
            Source source,
            String fileName,
            Options options,
            Path directory,
            IntConsumer progress,
            LongSupplier nanoTime)
            throws IOException {
        SourceServer server = new SourceServer(source);
        return new ConversionTask(
                source,
                server,
                Title.ofFile(fileName),
                options,
                directory,
                progress,
                new Stopwatch(nanoTime),
                false);
    }

    /** Measures the time of what follows from zero. */
    ConversionTask withTimeFromNow() {
        return new ConversionTask(
                source, server, title, options, directory, progress, stopwatch.restarted(), deep);
    }

    /** The same task, for which ffmpeg looks far into the source for tracks. */
    ConversionTask withDeepProbe() {
        return new ConversionTask(
                source, server, title, options, directory, progress, stopwatch, true);
    }

    /** The same task for a part of the source; all parts share the time. */
    ConversionTask ofPart(Part part) throws IOException {
        return new ConversionTask(
                source,
                new SourceServer(source, part),
                title,
                options,
                directory,
                progress,
                stopwatch,
                deep);
    }

    /** Whether the source is known to have several parts, when this track of it is converted. */
    boolean hasParts(int track) {
        return server.parts().parts(track).size() > 1;
    }

    Input input() {
        return new Input(source.isComplete() ? server.address() : null, deep);
    }

    /** The source's tags, as ffmpeg prints them. */
    Path metadata() {
        return directory.resolve("metadata");
    }

    Path cover() {
        return directory.resolve("cover");
    }

    /** The user's own cover, which may not be there. */
    Path givenCover() {
        return givenCover(directory);
    }

    static Path givenCover(Path directory) {
        return directory.resolve("given-cover");
    }

    Path mp3() {
        return directory.resolve("audio.mp3");
    }

    /** The head of an MP3 whose audio is encoded in segments. */
    Path head() {
        return directory.resolve("head.mp3");
    }

    @Override
    public void close() {
        server.close();
    }
}
