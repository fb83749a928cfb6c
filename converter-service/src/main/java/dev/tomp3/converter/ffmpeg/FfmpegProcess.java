package dev.tomp3.converter.ffmpeg;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A running ffmpeg. Its output is passed on as it arrives. {@link #close()} kills it with all its
 * descendants.
 */
public final class FfmpegProcess implements AutoCloseable {
    private static final int MAX_LINE = 2000;
    private static final Duration TIME_TO_END = Duration.ofSeconds(10);

    /** Reads an output of a process to its end. */
    public interface Output {
        void read(InputStream in);

        /** Passes on each line, truncated at a fixed length. */
        static Output lines(Consumer<String> sink) {
            return in -> FfmpegProcess.read(in, sink);
        }
    }

    private final Process process;
    private final List<Thread> readers;

    FfmpegProcess(Process process, Output out, Output err) {
        this.process = process;
        this.readers =
                List.of(
                        reader("ffmpeg-out-", process.getInputStream(), out),
                        reader("ffmpeg-err-", process.getErrorStream(), err));
    }

    private Thread reader(String name, InputStream in, Output output) {
        // not a virtual thread: reading a pipe holds its carrier
        return Thread.ofPlatform().daemon().name(name + process.pid()).start(() -> output.read(in));
    }

    /** Its standard input, if it was started with one. */
    public OutputStream input() {
        return process.getOutputStream();
    }

    /** Its process id. */
    public long pid() {
        return process.pid();
    }

    /** Waits; true when it has ended and all its output was read. */
    public boolean ended(Duration wait) throws InterruptedException {
        if (!process.waitFor(wait.toMillis(), TimeUnit.MILLISECONDS)) return false;
        for (Thread reader : readers) {
            if (!reader.join(wait)) return false;
        }
        return true;
    }

    /** Its exit status: 0 to 127, or 128 plus the number of the signal that killed it. */
    public int status() {
        return process.exitValue();
    }

    /** Kills it with all its descendants, unless it has ended, and waits for its end. */
    @Override
    public void close() {
        if (process.isAlive()) kill(process.toHandle());
        boolean interrupted = Thread.interrupted();
        try {
            process.waitFor(TIME_TO_END.toSeconds(), TimeUnit.SECONDS);
            for (Thread reader : readers) reader.join(TIME_TO_END);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) Thread.currentThread().interrupt();
    }

    static void kill(ProcessHandle process) {
        // before the kill, because the children of a dead process get another parent
        List<ProcessHandle> descendants = process.descendants().toList();
        process.destroyForcibly();
        descendants.forEach(ProcessHandle::destroyForcibly);
    }

    private static void read(InputStream in, Consumer<String> sink) {
        byte[] line = new byte[MAX_LINE];
        int length = 0;
        byte[] buffer = new byte[8192];
        try (in) {
            for (int count; (count = in.read(buffer)) >= 0; ) {
                for (int i = 0; i < count; i++) {
                    if (buffer[i] == '\n' || buffer[i] == '\r') {
                        sink.accept(new String(line, 0, length, StandardCharsets.UTF_8));
                        length = 0;
                    } else if (length < MAX_LINE) {
                        line[length++] = buffer[i];
                    }
                }
            }
        } catch (IOException e) {
            // the pipe of a killed process closes while it is read: keep the output until then
            sink.accept(new String(line, 0, length, StandardCharsets.UTF_8));
        }
    }
}
