package dev.tomp3.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a JVM says of its heap ({@code -Xlog:gc}); it is fullest just before it is cleared. */
final class GcLog {
    private static final Pattern LINE =
            Pattern.compile(".*GC\\(\\d+\\) Pause .* (\\d+)M->(\\d+)M\\(.*");

    private final Path file;
    private int seen;

    GcLog(Path file) {
        this.file = file;
    }

    /**
     * A heap.
     *
     * @param full the most that was used, garbage included, in MB; 0 when nobody looked
     * @param live the most that was left after garbage was collected, in MB
     */
    record Heap(long full, long live) {
        Heap max(Heap other) {
            return new Heap(Math.max(full, other.full), Math.max(live, other.live));
        }
    }

    /** Its extremes since the last call. */
    Heap heap() throws IOException {
        List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
        Heap heap = parse(lines.subList(Math.min(seen, lines.size()), lines.size()));
        seen = lines.size();
        return heap;
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
