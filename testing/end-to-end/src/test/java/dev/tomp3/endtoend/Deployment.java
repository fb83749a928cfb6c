package dev.tomp3.endtoend;

import java.net.URI;
import java.util.List;

/** A system that runs, wherever its services do. */
interface Deployment extends AutoCloseable {
    URI gateway();

    URI auth();

    URI converter();

    URI notification();

    /** The first account, NAME:PASSWORD. */
    String administrator();

    /** What all services have said. */
    List<String> log();

    /** Whether any ffmpeg runs. */
    boolean ffmpegRuns();

    @Override
    void close();
}
