package dev.tomp3.converter.ffmpeg;

import static dev.tomp3.converter.ffmpeg.Sandbox.Layer.CALLS;
import static dev.tomp3.converter.ffmpeg.Sandbox.Layer.FILES;
import static dev.tomp3.converter.ffmpeg.Sandbox.Layer.NETWORK;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.converter.source.OneFile;
import dev.tomp3.converter.source.SourceServer;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * The program {@code attacker.pl} stands for an ffmpeg that a hostile file has taken over. It reads
 * keys and the memory of this process, goes to stores and to other jobs, starts a daemon, and so
 * on: nothing succeeds.
 */
@EnabledIf(value = "isOffered", disabledReason = "this kernel does not offer the whole sandbox")
class SandboxTest {
    private static final int PR_GET_DUMPABLE = 3;

    @TempDir Path directory;

    static boolean isOffered() {
        return Ffmpegs.SANDBOX.layers().equals(EnumSet.allOf(Sandbox.Layer.class));
    }

    @Test
    void a_program_that_was_taken_over_reaches_nothing() throws Exception {
        assertThat(reachedIn(Ffmpegs.SANDBOX)).isEmpty();
    }

    @Test
    void system_calls_are_what_stops_processes_and_other_sockets() throws Exception {
        assertThat(reachedIn(Ffmpegs.SANDBOX.without(CALLS)))
                .contains("a daemon", "a fork bomb", "a UDP socket", "a program", "namespaces")
                .anyMatch(name -> name.startsWith("mode of "))
                .noneMatch(name -> name.startsWith("read "));
    }

    @Test
    void landlock_is_what_stops_files() throws Exception {
        assertThat(reachedIn(Ffmpegs.SANDBOX.without(FILES)))
                .contains(
                        "create in its own directory",
                        "filling the disk",
                        "list /",
                        "read /etc/passwd")
                .anyMatch(name -> name.endsWith("/environ"))
                .anyMatch(name -> name.endsWith("tokens.pem"))
                .doesNotContain("a daemon");
    }

    @Test
    void landlock_is_what_stops_connections() throws Exception {
        assertThat(reachedIn(Ffmpegs.SANDBOX.without(NETWORK)))
                .isNotEmpty()
                .allMatch(name -> name.startsWith("connect to 127.0.0.1 "));
    }

    /** Only the administrator reads {@code /proc} of such a process; see {@code prctl(2)}. */
    @Test
    @SuppressWarnings("restricted")
    void this_process_hides_its_memory() throws Throwable {
        assertThat(Ffmpegs.SANDBOX.layers()).isNotEmpty();
        Linker linker = Linker.nativeLinker();
        MethodHandle prctl =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("prctl"),
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        assertThat((int) prctl.invokeExact(PR_GET_DUMPABLE)).isZero();
    }

    /** When memory runs out, the kernel is to end ffmpeg and not the service. */
    @Test
    void the_kernel_ends_it_first() throws Exception {
        Path cat = Path.of("/bin/cat");
        List<String> command =
                new ArrayList<>(
                        Ffmpegs.SANDBOX
                                .without(FILES) // which hides /proc
                                .command(
                                        cat,
                                        Reach.NOTHING,
                                        new Sandbox.Limits(Duration.ofMinutes(1), 1 << 30, 0)));
        command.addAll(List.of(cat.toString(), "/proc/self/oom_score_adj"));
        Process process = new ProcessBuilder(command).start();
        assertThat(process.inputReader().readAllLines()).containsExactly("1000");
        assertThat(process.waitFor()).isZero();
    }

    /** What the attacker reaches; its own source and its own output it has to reach. */
    private List<String> reachedIn(Sandbox sandbox) throws Exception {
        Path keys = Files.createDirectories(directory.resolve("keys"));
        Path key = Files.writeString(keys.resolve("tokens.pem"), "a key");
        Path attempt = Files.createDirectories(directory.resolve("attempt"));
        Path video = Files.writeString(directory.resolve("video"), "somebody's video");
        Path mp3 = attempt.resolve("audio.mp3");
        List<String> said = Collections.synchronizedList(new ArrayList<>());
        try (SourceServer own = new SourceServer(new OneFile(video).source());
                SourceServer others = new SourceServer(new OneFile(video).source());
                ServerSocket store = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Path attacker =
                    attacker(
                            List.of(
                                    "file " + key,
                                    "file " + video,
                                    "directory " + keys,
                                    "directory " + directory,
                                    "port 127.0.0.1 " + others.proxy().getPort(),
                                    "port 127.0.0.1 " + store.getLocalPort(),
                                    "ffmpeg " + Ffmpegs.bundled().binary()));
            // it asks the real one what it can do, which nothing may read in the sandbox
            Sandbox none = sandbox.without(Sandbox.Layer.values());
            Ffmpeg ffmpeg = Ffmpeg.find(attacker.toString(), directory, 1 << 30, none, false);
            try (FfmpegProcess process =
                    ffmpeg.in(sandbox)
                            .start(
                                    List.of("attack", mp3.toString()),
                                    attempt,
                                    new Reach(own.proxy(), List.of(), List.of(mp3)),
                                    Duration.ofSeconds(60),
                                    1 << 20,
                                    false,
                                    FfmpegProcess.Output.lines(line -> {}),
                                    FfmpegProcess.Output.lines(said::add))) {
                assertThat(process.ended(Duration.ofSeconds(60))).isTrue();
            }
        }
        assertThat(said)
                .contains("[error] own output: yes", "[error] own source: yes")
                .anyMatch(line -> line.matches("\\[error] attacks: \\d{3}"));
        return said.stream()
                .filter(line -> line.startsWith("[error] reached: "))
                .map(line -> line.substring("[error] reached: ".length()))
                .toList();
    }

    private Path attacker(List<String> targets) throws IOException {
        Path file = directory.resolve("ffmpeg");
        try (InputStream in =
                Objects.requireNonNull(SandboxTest.class.getResourceAsStream("/attacker.pl"))) {
            Files.writeString(
                    file,
                    new String(in.readAllBytes(), StandardCharsets.UTF_8)
                            + String.join("\n", targets));
        }
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }
}
