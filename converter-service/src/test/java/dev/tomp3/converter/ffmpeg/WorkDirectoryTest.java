package dev.tomp3.converter.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkDirectoryTest {
    @TempDir Path temporary;

    @Test
    void nobody_else_may_enter() throws Exception {
        try (WorkDirectory work = WorkDirectory.open(temporary.resolve("work"))) {
            for (Path directory : List.of(work.root(), work.newAttempt())) {
                assertThat(Files.getPosixFilePermissions(directory))
                        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
            }
        }
    }

    @Test
    void is_not_a_link_that_somebody_laid() throws Exception {
        Path trap =
                Files.createSymbolicLink(
                        temporary.resolve("work"),
                        Files.createDirectory(temporary.resolve("other")));

        assertThatThrownBy(() -> WorkDirectory.open(trap))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("WORK_DIR");
    }

    @Test
    void workers_leave_each_other_alone() throws Exception {
        try (WorkDirectory one = WorkDirectory.open(temporary.resolve("work"))) {
            Path attempt = one.newAttempt();
            try (WorkDirectory two = WorkDirectory.open(temporary.resolve("work"))) {
                assertThat(two.newAttempt()).isDirectory();
                assertThat(attempt).isDirectory();
            }
            assertThat(attempt).isDirectory();
        }
        assertThat(entries(temporary.resolve("work"))).containsExactly("workers.lock");
    }

    /** What a worker does that is then killed: an attempt with a process. */
    static final class Victim {
        public static void main(String[] arguments) throws Exception {
            WorkDirectory work = WorkDirectory.open(Path.of(arguments[0]));
            Path attempt = work.newAttempt();
            Process process = new ProcessBuilder("sleep", "1000").start();
            WorkDirectory.record(attempt, process.pid());
            System.out.write((process.pid() + "\n").getBytes(StandardCharsets.UTF_8));
            System.out.flush();
            process.waitFor();
        }
    }

    @Test
    void the_next_start_clears_up_after_a_worker_that_was_killed() throws Exception {
        Path root = temporary.resolve("work");
        Process victim =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Victim.class.getName(),
                                root.toString())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        ProcessHandle orphan;
        try (InputStream out = victim.getInputStream()) {
            orphan = ProcessHandle.of(firstNumber(out)).orElseThrow();
            victim.destroyForcibly().waitFor();
        }
        assertThat(orphan.isAlive()).isTrue();
        assertThat(entries(root)).hasSize(3);

        try (WorkDirectory next = WorkDirectory.open(root)) {
            await().atMost(Duration.ofSeconds(5)).until(() -> !orphan.isAlive());
            // the lock of all, and the next worker's directory and lock
            assertThat(entries(root)).hasSize(3);
            assertThat(next.newAttempt()).isDirectory();
        }
        assertThat(entries(root)).containsExactly("workers.lock");
    }

    private static long firstNumber(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.append((char) c);
            if (c < '0' || c > '9') line.setLength(0);
        }
        return Long.parseLong(line.toString());
    }

    private static List<String> entries(Path directory) throws IOException {
        try (var entries = Files.list(directory)) {
            return entries.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }
}
