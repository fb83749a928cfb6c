package dev.tomp3.endtoend;

import java.net.URI;
import java.util.List;

/** A running system, in one process or in containers. */
interface Deployment extends AutoCloseable {
    URI gateway();

    URI auth();

    /** It has health and metrics alone. */
    URI converter();

    /** It has health and metrics alone. */
    URI notification();

    /** Where the gateway has health and metrics. */
    default URI gatewayMetrics() {
        return gateway();
    }

    /** Where auth has health and metrics. */
    default URI authMetrics() {
        return auth();
    }

    /** The first account, NAME:PASSWORD. */
    String administrator();

    /** The log lines of all services. */
    List<String> log();

    /** Whether any ffmpeg runs. */
    boolean ffmpegRuns();

    @Override
    void close();
}
