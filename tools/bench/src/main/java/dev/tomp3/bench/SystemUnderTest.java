package dev.tomp3.bench;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;

/** The system that is measured. It is ready for requests. */
abstract sealed class SystemUnderTest implements AutoCloseable
        permits Standalone, SeparateProcesses {
    /** Limits that would distort the measurement. */
    static final Map<String, String> RAISED_LIMITS =
            Map.of(
                    "MAX_REQUESTS_PER_MINUTE", "0",
                    "MAX_REQUESTS_PER_MINUTE_PER_ADDRESS", "0",
                    "MAX_TRANSFERS_PER_USER", "0",
                    "MAX_CONNECTIONS_PER_ADDRESS", "0",
                    "MAX_LOGINS_PER_MINUTE", "0",
                    "MAX_CONCURRENT_JOBS_PER_USER", "0",
                    "MAX_QUEUED_PER_USER", "0",
                    "MAX_STORED_PER_USER", "0B",
                    "MIN_FREE", "0B",
                    "MAX_UPLOAD", "1TB");

    static final String ADMIN = "bench@example.org";
    private static final int MAX_POLLS = 1200;
    private static final int POLL_INTERVAL_MS = 200;

    /** The address of the gateway. */
    abstract URI gateway();

    /** The addresses of the converters, for their metrics. */
    abstract List<URI> converters();

    /** The processes that are measured. */
    abstract List<Program> programs();

    /** A user who is logged in. */
    abstract User user() throws IOException;

    /** CPU seconds of a store that runs as a process of its own and reports them; otherwise 0. */
    double storeCpu() {
        return 0;
    }

    final Usage usage() throws IOException {
        return Usage.of(programs().stream().map(Program::pid).toList());
    }

    @Override
    public abstract void close();

    interface Condition {
        boolean holds() throws IOException;
    }

    /** Returns when the condition holds; fails if a process ends in the meantime. */
    final void await(Condition condition) throws IOException, InterruptedException {
        for (int i = 0; i < MAX_POLLS; i++) {
            for (Program program : programs()) program.checkAlive();
            if (condition.holds()) return;
            Thread.sleep(POLL_INTERVAL_MS);
        }
        throw new IOException("the system did not become ready in time");
    }
}
