package dev.tomp3.converter.ffmpeg;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an ffmpeg may use beside system libraries and its standard streams.
 *
 * @param source the proxy that serves the user's file over HTTP; null when no file comes that way
 * @param reads files
 * @param writes files
 */
public record Reach(@Nullable URI source, List<Path> reads, List<Path> writes) {
    public static final Reach NOTHING = new Reach(null, List.of(), List.of());

    /** Creates the files to write, empty: the sandbox grants rights on files that exist. */
    void createFiles() throws IOException {
        for (Path file : writes) {
            if (!Files.exists(file)) Files.createFile(file);
        }
    }

    /** Deletes what is still empty. */
    public void deleteEmptyFiles() throws IOException {
        for (Path file : writes) {
            if (Files.exists(file) && Files.size(file) == 0) Files.delete(file);
        }
    }
}
