package dev.tomp3.bench;

import dev.tomp3.bench.GcLog.Heap;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Records the memory of the processes during a measurement. */
final class Watch implements AutoCloseable {
    private static final int POLL_INTERVAL_MS = 100;

    private final List<Program> programs;
    private final Thread looks = Thread.ofPlatform().daemon().name("watch").unstarted(this::look);
    private volatile long children;
    private volatile boolean over;

    Watch(SystemUnderTest tomp3) throws IOException {
        programs = tomp3.programs();
        for (Program program : programs) {
            program.resetPeak();
            Heap _ = program.gc.heap();
        }
        looks.start();
    }

    private void look() {
        while (!over) {
            children = Math.max(children, programs.stream().mapToLong(Program::children).sum());
            try {
                Thread.sleep(POLL_INTERVAL_MS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /**
     * The maximum memory since the start, in MB.
     *
     * @param programs without their children
     * @param ffmpegs of all that ran at the same time
     */
    record Memory(Map<String, Long> programs, long ffmpegs, Map<String, Heap> heaps) {
        long heap() {
            return heaps.values().stream().mapToLong(Heap::full).max().orElse(0);
        }

        long live() {
            return heaps.values().stream().mapToLong(Heap::live).max().orElse(0);
        }

        long all() {
            return programs.values().stream().mapToLong(Long::longValue).sum() + ffmpegs;
        }

        @Override
        public String toString() {
            return programs.entrySet().stream()
                            .map(each -> each.getKey() + " " + each.getValue())
                            .collect(Collectors.joining(", "))
                    + (ffmpegs == 0 ? "" : ", ffmpeg " + ffmpegs);
        }
    }

    Memory memory() throws IOException {
        Map<String, Long> peaks = new LinkedHashMap<>();
        Map<String, Heap> heaps = new LinkedHashMap<>();
        for (Program program : programs) {
            peaks.put(program.name, program.peak());
            heaps.put(program.name, program.gc.heap());
        }
        return new Memory(peaks, children, heaps);
    }

    @Override
    public void close() {
        over = true;
        looks.interrupt();
    }
}
