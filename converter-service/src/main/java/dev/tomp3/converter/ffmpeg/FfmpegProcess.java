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
 * One ffmpeg that runs. What it puts out is passed on as it comes; {@link #close()} leaves nothing
 * running that it started, however it is told to die.
 */
public final class FfmpegProcess implements AutoCloseable {
    private static final int MAX_LINE = 2000;
    private static final Duration TO_DIE = Duration.ofSeconds(10);

    /** Takes what a process puts out, to the end. */
    public interface Output {
        void read(InputStream in);

        /** Line by line, each cut at a fixed length. */
        static Output lines(Consumer<String> sink) {
            return in -> FfmpegProcess.read(in, sink);
        }
    }

    private final Process process;
    private final List<Thread> readers;

    public FfmpegProcess(Process process, Output out, Output err) {
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

    /** What it reads as its standard input, where it was started with one. */
    public OutputStream input() {
        return process.getOutputStream();
    }

    public long pid() {
        return process.pid();
    }

    /** True when it has ended and everything it put out was taken. */
    public boolean ended(Duration wait) throws InterruptedException {
        if (!process.waitFor(wait.toMillis(), TimeUnit.MILLISECONDS)) return false;
        for (Thread reader : readers) {
            if (!reader.join(wait)) return false;
        }
        return true;
    }

    /** After the end: 0 to 127 as it chose, 128 and the signal's number when one killed it. */
    public int status() {
        return process.exitValue();
    }

    /** Kills it with all its descendants, and waits until it is gone. */
    @Override
    public void close() {
        kill(process.toHandle());
        boolean interrupted = Thread.interrupted();
        try {
            process.waitFor(TO_DIE.toSeconds(), TimeUnit.SECONDS);
            for (Thread reader : readers) reader.join(TO_DIE);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) Thread.currentThread().interrupt();
    }

    public static void kill(ProcessHandle process) {
        // first who they are: orphans belong to nobody any more
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
            // the pipe of a process that was killed closes under its reader: what it said until
            // then counts
            sink.accept(new String(line, 0, length, StandardCharsets.UTF_8));
        }
    }
}
