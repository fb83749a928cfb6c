package dev.tomp3.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;

/** Starts and stops the systems that are measured. At most one of them runs at a time. */
final class Systems {
    private final Arguments arguments;
    private final Path work;
    private final Media media;
    private int started;
    private @Nullable SystemUnderTest running;
    private String runningStore = "";

    Systems(Arguments arguments, Path work, Media media) {
        this.arguments = arguments;
        this.work = work;
        this.media = media;
    }

    /**
     * A warm system that consecutive rows share: {@code ./run}, or for GridFS on a given MongoDB,
     * separate processes.
     */
    SystemUnderTest shared(String store) throws IOException, InterruptedException {
        SystemUnderTest current = running;
        if (current != null && runningStore.equals(store)) return current;
        stop();
        if (mongoIsGiven() && store.equals("gridfs")) {
            current = separate(store, 1);
        } else {
            Bench.say("starting ./run, store " + store);
            current = new Standalone(arguments.project(), nextDirectory(), store);
        }
        running = current;
        runningStore = store;
        Videos.warmUp(current.user(), media.clip(), 5);
        return current;
    }

    /** A user of the shared system. */
    User user() throws IOException {
        return Objects.requireNonNull(running).user();
    }

    SeparateProcesses separate(String store, int converters)
            throws IOException, InterruptedException {
        Bench.say(
                "starting the services as separate processes, %d converters, store %s"
                        .formatted(converters, store));
        return new SeparateProcesses(arguments.services(), nextDirectory(), store, converters);
    }

    static boolean mongoIsGiven() {
        return System.getenv("TEST_MONGODB_URI") != null;
    }

    /** Stops the shared system, and deletes the data of all systems. */
    void stop() throws IOException {
        SystemUnderTest current = running;
        running = null;
        if (current != null) current.close();
        for (int i = 1; i <= started; i++) {
            Path directory = work.resolve("system-" + i);
            FileSystemUtils.deleteRecursively(directory.resolve("data"));
            FileSystemUtils.deleteRecursively(directory.resolve("media"));
        }
    }

    private Path nextDirectory() {
        return work.resolve("system-" + ++started);
    }
}
