package dev.tomp3.converter.ffmpeg;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/**
 * The directory of a worker's temporary files, which no other user may enter.
 *
 * <p>A worker that is killed cannot clean up. The next worker to start on the same directory does:
 *
 * <ol>
 *   <li>Every worker holds a lock on a file beside its own directory as long as it lives.
 *   <li>A worker that starts first takes the lock of the whole directory.
 *   <li>When it can take the lock of another worker, that worker is dead: it kills the ffmpeg
 *       processes that the other has recorded, and deletes the other's directory.
 *   <li>Then it creates its own directory.
 * </ol>
 */
public final class WorkDirectory implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WorkDirectory.class);

    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rwx------");
    private static final FileAttribute<?> PRIVATE =
            PosixFilePermissions.asFileAttribute(OWNER_ONLY);
    private static final String LOCK = ".lock";
    private static final String PID = "pid";

    /** The start time of a process depends on a boot time, which is not read equally each time. */
    private static final Duration SAME_START = Duration.ofSeconds(2);

    private final Path root;
    private final Path own;
    private final Path lockFile;
    private final FileChannel lock;

    private WorkDirectory(Path root, Path own, Path lockFile, FileChannel lock) {
        this.root = root;
        this.own = own;
        this.lockFile = lockFile;
        this.lock = lock;
    }

    /**
     * Opens a worker's directory, and removes what dead workers left there.
     *
     * @throws IllegalStateException when the directory belongs to another user
     */
    public static synchronized WorkDirectory open(Path directory) throws IOException {
        Path root = directory.toAbsolutePath();
        ensurePrivate(root);
        try (FileChannel whole = lockFile(root.resolve("workers" + LOCK));
                FileLock _ = whole.lock()) {
            clean(root);
            String worker = UUID.randomUUID().toString();
            Path lockFile = root.resolve(worker + LOCK);
            FileChannel lock = lockFile(lockFile);
            lock.lock();
            Path own = Files.createDirectory(root.resolve(worker), PRIVATE);
            return new WorkDirectory(root, own, lockFile, lock);
        }
    }

    private static void ensurePrivate(Path root) throws IOException {
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            Path parent = root.getParent();
            if (parent != null) Files.createDirectories(parent);
            Files.createDirectory(root, PRIVATE);
        }
        Path probe =
                Files.createTempFile(Path.of(System.getProperty("java.io.tmpdir")), "tomp3", "");
        try {
            if (!Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)
                    || !Files.getOwner(root, LinkOption.NOFOLLOW_LINKS)
                            .equals(Files.getOwner(probe))) {
                throw new IllegalStateException(
                        "WORK_DIR=%s is not a directory of this user: name another"
                                .formatted(root));
            }
        } finally {
            Files.delete(probe);
        }
        Files.setPosixFilePermissions(root, OWNER_ONLY);
    }

    private static FileChannel lockFile(Path path) throws IOException {
        return FileChannel.open(
                path, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), PRIVATE);
    }

    /** The directory that outlives workers. */
    public Path root() {
        return root;
    }

    /** Creates an empty directory for one attempt. */
    public Path newAttempt() throws IOException {
        return Files.createTempDirectory(own, "attempt-", PRIVATE);
    }

    /** Records an ffmpeg that runs in an attempt's directory, for the next worker. */
    public static void record(Path attempt, long pid) throws IOException {
        Files.writeString(
                attempt.resolve(PID),
                pid + " " + startOf(pid) + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    private static Instant startOf(long pid) {
        return ProcessHandle.of(pid)
                .flatMap(process -> process.info().startInstant())
                .orElse(Instant.EPOCH);
    }

    /** Deletes an attempt's directory with everything in it; symbolic links are not followed. */
    public static void delete(Path directory) throws IOException {
        FileSystemUtils.deleteRecursively(directory);
    }

    @Override
    public void close() throws IOException {
        delete(own);
        Files.deleteIfExists(lockFile);
        lock.close();
    }

    private static void clean(Path root) throws IOException {
        try (DirectoryStream<Path> workers = Files.newDirectoryStream(root, Files::isDirectory)) {
            for (Path worker : workers) {
                Path lockFile = root.resolve(worker.getFileName() + LOCK);
                try (FileChannel channel = lockFile(lockFile);
                        @Nullable FileLock lock = channel.tryLock()) {
                    if (lock == null) continue;
                    int killed = killLeftovers(worker);
                    delete(worker);
                    Files.delete(lockFile);
                    log.warn(
                            "Removed the files of a killed worker: {}, ffmpeg processes killed: {}",
                            worker,
                            killed);
                } catch (OverlappingFileLockException e) {
                    // a living worker of this process
                    log.debug("{} is in use", worker);
                }
            }
        }
    }

    private static int killLeftovers(Path worker) throws IOException {
        int killed = 0;
        try (DirectoryStream<Path> attempts =
                Files.newDirectoryStream(worker, Files::isDirectory)) {
            for (Path attempt : attempts) {
                for (String recorded : recorded(attempt)) {
                    if (killLeftover(recorded.split(" "))) killed++;
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return killed;
    }

    private static List<String> recorded(Path attempt) throws IOException {
        try {
            return Files.readAllLines(attempt.resolve(PID));
        } catch (NoSuchFileException e) {
            return List.of(); // killed before it started an ffmpeg
        }
    }

    private static boolean killLeftover(String[] recorded) {
        if (recorded.length != 2) return false;
        long pid = Long.parseLong(recorded[0]);
        Instant start = Instant.parse(recorded[1]);
        // the number may belong to another process now
        if (Duration.between(start, startOf(pid)).abs().compareTo(SAME_START) > 0) return false;
        return ProcessHandle.of(pid)
                .map(process -> {
                    FfmpegProcess.kill(process);
                    return true;
                })
                .orElse(false);
    }
}
