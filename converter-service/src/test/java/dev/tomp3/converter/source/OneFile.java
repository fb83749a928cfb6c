package dev.tomp3.converter.source;

import dev.tomp3.jobs.media.MediaOutput;
import dev.tomp3.jobs.media.MediaStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** A media store that has one file of this machine in it. */
public class OneFile implements MediaStore {
    private final Path file;

    public OneFile(Path file) {
        this.file = file;
    }

    public Source source() throws IOException {
        return Source.stored(this, "one", Files.size(file));
    }

    @Override
    public InputStream open(Bucket bucket, String id, long offset) throws IOException {
        var channel = Files.newByteChannel(file);
        channel.position(offset);
        return Channels.newInputStream(channel);
    }

    @Override
    public InputStream openInProgress(Bucket bucket, String id, long offset) throws IOException {
        return open(bucket, id, offset);
    }

    @Override
    public MediaOutput create(Bucket bucket, String id) {
        throw new UnsupportedOperationException();
    }

    @Override
    public MediaOutput append(Bucket bucket, String id, long offset, long writer) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void truncate(Bucket bucket, String id, long offset) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void delete(Bucket bucket, String id) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void forEachId(Bucket bucket, Consumer<String> action) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void prepare() {}

    @Override
    public DiskSpace diskSpace() {
        throw new UnsupportedOperationException();
    }
}
