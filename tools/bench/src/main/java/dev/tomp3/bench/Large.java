package dev.tomp3.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Many large uploads at the same time, to measure the memory they need. */
final class Large {
    private static final String TITLE = "Large uploads at once";
    private static final List<String> HEAD =
            List.of(
                    "uploads",
                    "bytes each",
                    "until all are accepted, s",
                    "MB a second",
                    "CPU a GB, s",
                    "memory, MB",
                    "heap full / live, MB");
    private static final int UPLOADS = 20;
    private static final long FREE = 60_000_000_000L;

    private Large() {}

    static Watch.Memory measure(
            Report report, SystemUnderTest tomp3, User user, Path video, int uploads)
            throws IOException, InterruptedException {
        Queue<String> jobs = new ConcurrentLinkedQueue<>();
        Queue<IOException> errors = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        long bytes = Files.size(video);
        try (Watch watch = new Watch(tomp3)) {
            Usage before = tomp3.usage();
            long start = System.nanoTime();
            for (int i = 0; i < uploads; i++) {
                threads.add(
                        Thread.ofPlatform()
                                .start(() -> {
                                    try {
                                        jobs.add(user.upload(video));
                                    } catch (IOException e) {
                                        errors.add(e);
                                    }
                                }));
            }
            for (Thread thread : threads) thread.join();
            double seconds = User.since(start);
            Usage used = tomp3.usage().since(before);
            Watch.Memory memory = watch.memory();
            for (String job : jobs) user.delete(job);
            if (!errors.isEmpty()) throw new IOException("an upload failed", errors.peek());
            double all = (double) bytes * uploads;
            report.row(
                    TITLE,
                    HEAD,
                    List.of(
                            Integer.toString(uploads),
                            Long.toString(bytes),
                            Spread.digits(seconds),
                            Spread.digits(all / 1e6 / seconds),
                            Spread.digits(used.cpu() / (all / 1e9)),
                            memory.toString(),
                            memory.heap() + " / " + memory.live()));
            report.raw(
                    "large",
                    Map.of(
                            "uploads", uploads,
                            "bytes", bytes,
                            "seconds", seconds,
                            "usage", used,
                            "memory", memory));
            return memory;
        }
    }

    /** Whether the disk has enough free space; if not, adds a note to the report. */
    static boolean fits(Report report, Path directory) throws IOException {
        long free = Files.getFileStore(directory).getUsableSpace();
        if (free >= FREE) return true;
        report.note(
                "%d uploads of 2 GB at once were not measured: they need 60 GB, and %s has %d GB free"
                        .formatted(UPLOADS, directory, free / 1_000_000_000));
        return false;
    }

    static int uploads() {
        return UPLOADS;
    }
}
