package dev.tomp3.jobs.media;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Media as plain files, for one machine: {@code videos/5f/652f...5f}. A committed file has reached
 * the disk.
 */
final class FileStore implements MediaStore {
    private static final Pattern ID = Pattern.compile("[0-9a-zA-Z-]{2,64}");

    /** Bytes of a file; up to twice as many wait for the disk. */
    private static final long FORCED_AT_ONCE = 32 << 20;

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
        return new Output(path, channel);
    }

    /**
     * What has come is sent to the disk while more comes, so that the end is not kept waiting for
     * all of it; nor is anybody else who needs the disk meanwhile.
     */
    private static final class Output extends MediaOutput {
        private final Path path;
        private final FileChannel channel;
        private long pending;
        private @Nullable FutureTask<@Nullable Void> forced;
        private boolean committed;

        Output(Path path, FileChannel channel) {
            this.path = path;
            this.channel = channel;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
            while (buffer.hasRemaining()) channel.write(buffer);
            pending += length;
            if (pending < FORCED_AT_ONCE) return;
            awaitForced();
            pending = 0;
            forced =
                    new FutureTask<>(() -> {
                        channel.force(false);
                        return null;
                    });
            Thread.startVirtualThread(forced);
        }

        private void awaitForced() throws IOException {
            if (forced == null) return;
            try {
                forced.get();
            } catch (ExecutionException e) {
                throw new IOException("The disk did not take " + path.getFileName(), e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("Interrupted at " + path.getFileName());
            }
        }

        @Override
        public void commit() throws IOException {
            awaitForced();
            channel.force(true);
            force(Objects.requireNonNull(path.getParent()));
            committed = true;
        }

        @Override
        public void close() throws IOException {
            channel.close();
            if (!committed) Files.deleteIfExists(path);
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
    public InputStream openUnfinished(Bucket bucket, String id, long offset) throws IOException {
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
    public void check() throws IOException {
        Files.createDirectories(root);
    }

    @Override
    public Room room() throws IOException {
        java.nio.file.FileStore disk = Files.getFileStore(root);
        return new Room(disk.getUsableSpace(), disk.getTotalSpace());
    }

    /** The name of a new file must be as durable as its bytes. */
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
            throw new IllegalArgumentException("Not an id of a file: " + id);
        }
        String shard = id.substring(Math.min(22, id.length() - 2), Math.min(24, id.length()));
        return root.resolve(name(bucket)).resolve(shard);
    }

    private static String name(Bucket bucket) {
        return bucket.name().toLowerCase(Locale.ROOT);
    }
}
