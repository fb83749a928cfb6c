package dev.tomp3.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the heap usage from a GC log ({@code -Xlog:gc}). The maximum is just before a collection.
 */
final class GcLog {
    private static final Pattern LINE =
            Pattern.compile(".*GC\\(\\d+\\) Pause .* (\\d+)M->(\\d+)M\\(.*");

    private final Path file;
    private int seen;

    GcLog(Path file) {
        this.file = file;
    }

    /**
     * The maxima of a heap; 0 without a collection.
     *
     * @param full the maximum that was used, garbage included, in MB
     * @param live the maximum that was left after a collection, in MB
     */
    record Heap(long full, long live) {
        Heap max(Heap other) {
            return new Heap(Math.max(full, other.full), Math.max(live, other.live));
        }
    }

    /** The maxima since the last call. */
    Heap heap() throws IOException {
        List<String> lines = lines();
        Heap heap = parse(lines.subList(Math.min(seen, lines.size()), lines.size()));
        seen = lines.size();
        return heap;
    }

    List<String> lines() throws IOException {
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    static Heap parse(List<String> lines) {
        Heap heap = new Heap(0, 0);
        for (String line : lines) {
            Matcher pause = LINE.matcher(line);
            if (pause.matches()) {
                heap =
                        heap.max(
                                new Heap(
                                        Long.parseLong(pause.group(1)),
                                        Long.parseLong(pause.group(2))));
            }
        }
        return heap;
    }
}
