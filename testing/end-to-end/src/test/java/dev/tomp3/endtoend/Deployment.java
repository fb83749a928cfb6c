package dev.tomp3.endtoend;

import java.net.URI;
import java.util.List;

/** A running system, in one process or in containers. */
interface Deployment extends AutoCloseable {
    URI gateway();

    URI auth();

    URI converter();

    URI notification();

    /** The first account, NAME:PASSWORD. */
    String administrator();

    /** The log lines of all services. */
    List<String> log();

    /** Whether any ffmpeg runs. */
    boolean ffmpegRuns();

    @Override
    void close();
}
