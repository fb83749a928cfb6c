package dev.tomp3.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.bench.GcLog.Heap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GcLogTest {
    private static final List<String> LINES =
            List.of(
                    "[0.011s] Using Serial",
                    "[1.204s] GC(0) Pause Young (Allocation Failure) 102M->10M(370M) 12.3ms",
                    "[2.204s] GC(1) Pause Full (Metadata GC Threshold) 60M->31M(370M) 40.0ms",
                    "[3.204s] GC(2) Pause Young (Allocation Failure) 98M->12M(370M) 2.3ms");

    @Test
    void the_two_maxima_may_come_from_different_collections() {
        assertThat(GcLog.parse(LINES)).isEqualTo(new Heap(102, 31));
    }

    @Test
    void is_zero_without_a_collection() {
        assertThat(GcLog.parse(LINES.subList(0, 1))).isEqualTo(new Heap(0, 0));
    }

    @Test
    void each_call_covers_the_lines_since_the_last_one(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("gc");
        GcLog log = new GcLog(file);
        assertThat(log.heap()).isEqualTo(new Heap(0, 0));
        Files.write(file, LINES.subList(0, 3));
        assertThat(log.heap()).isEqualTo(new Heap(102, 31));
        Files.write(file, LINES);
        assertThat(log.heap()).isEqualTo(new Heap(98, 12));
    }
}
