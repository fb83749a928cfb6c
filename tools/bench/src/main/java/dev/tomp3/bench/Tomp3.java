package dev.tomp3.bench;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;

/** The system that is measured, ready for requests. */
abstract sealed class Tomp3 implements AutoCloseable permits Standalone, Apart {
    /** Limits that would be measured instead of the system. */
    static final Map<String, String> RAISED =
            Map.of(
                    "MAX_REQUESTS_PER_MINUTE", "0",
                    "MAX_CONCURRENT_JOBS_PER_USER", "0",
                    "MAX_QUEUED_PER_USER", "0",
                    "MAX_STORED_PER_USER", "0B",
                    "MIN_FREE", "0B",
                    "MAX_UPLOAD", "1TB");

    static final String ADMIN = "bench@example.org";
    private static final int LOOKS = 1200;
    private static final int PAUSE = 200;

    /** Where the gateway listens. */
    abstract URI gateway();

    /** Where converters tell of themselves. */
    abstract List<URI> converters();

    /** What is measured of it. */
    abstract List<Program> programs();

    /** An account, with a token. */
    abstract User user() throws IOException;

    /** CPU seconds of a store that is a program of its own, and tells. */
    double storeCpu() {
        return 0;
    }

    final Usage usage() throws IOException {
        return Usage.of(programs().stream().map(Program::pid).toList());
    }

    @Override
    public abstract void close();

    interface Question {
        boolean answered() throws IOException;
    }

    /** Returns when the answer is yes, and not when a program ended meanwhile. */
    final void await(Question ready) throws IOException, InterruptedException {
        for (int i = 0; i < LOOKS; i++) {
            for (Program program : programs()) program.checkAlive();
            if (ready.answered()) return;
            Thread.sleep(PAUSE);
        }
        throw new IOException("the system does not become ready");
    }
}
