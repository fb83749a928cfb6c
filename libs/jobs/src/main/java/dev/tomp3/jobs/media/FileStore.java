package dev.tomp3.jobs.media;

import dev.tomp3.platform.NanoClock;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Media as plain files, for services on one machine, such as {@code videos/5f/652f...5f}. A
 * committed or suspended file has reached the disk.
 */
final class FileStore implements MediaStore {
    private static final Pattern ID = Pattern.compile("[0-9a-zA-Z-]{2,64}");

    /** The disk is told to write after this many bytes; up to twice as many are unwritten. */
    private static final long SYNC_BYTES = 32 << 20;

    /** What can be continued after a crash is at most this old, unless the disk is slow. */
    private static final Duration SYNC_INTERVAL = Duration.ofSeconds(2);

    private static final NanoClock CLOCK = NanoClock.system();

    private final Path root;

    FileStore(Path root) {
        this.root = root;
    }

    @Override
    public MediaOutput create(Bucket bucket, String id) throws IOException {
        Path directory = Files.createDirectories(shard(bucket, id));
        Path path = directory.resolve(id);
        FileChannel channel =
                FileChannel.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
        return new Output(path, channel, 0, false);
    }

    /**
     * All outputs of a file are in one process, or none of them writes while another one is opened:
     * the services are on one machine, and a lost one writes nothing.
     */
    @Override
    public MediaOutput append(Bucket bucket, String id, long offset, long writer)
            throws IOException {
        Path directory = Files.createDirectories(shard(bucket, id));
        Path path = directory.resolve(id);
        FileChannel channel =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.size() < offset) throw new NoSuchFileException(path.toString());
            channel.truncate(offset);
            channel.position(offset);
            return new Output(path, channel, offset, true);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public void truncate(Bucket bucket, String id, long offset) throws IOException {
        Path path = path(bucket, id);
        if (!Files.exists(path)) return;
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.truncate(offset);
        }
    }

    /**
     * Writes to the disk while more bytes arrive. Otherwise the commit, and every other user of the
     * disk, would wait for the whole file at its end.
     */
    private static final class Output extends MediaOutput {
        private final Path path;
        private final FileChannel channel;
        private long pending;
        private @Nullable FutureTask<@Nullable Void> sync;
        private boolean kept;
        private long lastSync = CLOCK.nanoTime();
        private volatile long safe;

        Output(Path path, FileChannel channel, long offset, boolean kept) {
            this.path = path;
            this.channel = channel;
            this.safe = offset;
            this.kept = kept;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
            while (buffer.hasRemaining()) channel.write(buffer);
            pending += length;
            boolean due = kept && CLOCK.since(lastSync).compareTo(SYNC_INTERVAL) > 0;
            if (pending < SYNC_BYTES && !due) return;
            awaitSync();
            pending = 0;
            lastSync = CLOCK.nanoTime();
            long position = channel.position();
            sync =
                    new FutureTask<>(() -> {
                        channel.force(false);
                        safe = position;
                        return null;
                    });
            Thread.startVirtualThread(sync);
        }

        private void awaitSync() throws IOException {
            if (sync == null) return;
            try {
                sync.get();
            } catch (ExecutionException e) {
                throw new IOException(
                        "The disk could not store " + path.getFileName(), e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("Interrupted while writing " + path.getFileName());
            }
        }

        @Override
        public void commit() throws IOException {
            suspend();
            kept = true;
        }

        @Override
        public void suspend() throws IOException {
            awaitSync();
            channel.force(true);
            force(Objects.requireNonNull(path.getParent()));
            safe = channel.position();
        }

        @Override
        public long safe() {
            return safe;
        }

        @Override
        public void close() throws IOException {
            channel.close();
            if (!kept) Files.deleteIfExists(path);
        }
    }

    @Override
    public InputStream open(Bucket bucket, String id, long offset) throws IOException {
        SeekableByteChannel channel = Files.newByteChannel(path(bucket, id));
        try {
            channel.position(offset);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        return Channels.newInputStream(channel);
    }

    @Override
    public InputStream openInProgress(Bucket bucket, String id, long offset) throws IOException {
        return open(bucket, id, offset);
    }

    @Override
    public void delete(Bucket bucket, String id) throws IOException {
        Files.deleteIfExists(path(bucket, id));
    }

    @Override
    public void forEachId(Bucket bucket, Consumer<String> action) throws IOException {
        Path directory = root.resolve(name(bucket));
        if (!Files.isDirectory(directory)) return;
        try (Stream<Path> files = Files.walk(directory, 2)) {
            files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .forEach(action);
        }
    }

    @Override
    public void prepare() throws IOException {
        Files.createDirectories(root);
    }

    @Override
    public DiskSpace diskSpace() throws IOException {
        java.nio.file.FileStore disk = Files.getFileStore(root);
        return new DiskSpace(disk.getUsableSpace(), disk.getTotalSpace());
    }

    /** Makes the name of a new file as durable as its bytes. */
    private static void force(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory)) {
            channel.force(true);
        }
    }

    private Path path(Bucket bucket, String id) {
        return shard(bucket, id).resolve(id);
    }

    private Path shard(Bucket bucket, String id) {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException("Not the id of a file: " + id);
        }
        String shard = id.substring(Math.min(22, id.length() - 2), Math.min(24, id.length()));
        return root.resolve(name(bucket)).resolve(shard);
    }

    private static String name(Bucket bucket) {
        return bucket.name().toLowerCase(Locale.ROOT);
    }
}
