package dev.tomp3.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.store.fs.FileBaseDefault;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReservedFileTest {
    private static final long ENDLESS = Long.MAX_VALUE;

    /** The size up to which the disk lets a file grow. */
    private static volatile long capacity;

    @TempDir private Path directory;
    private Path file;
    private MVStore store;

    @BeforeEach
    void open() {
        capacity = ENDLESS;
        FilePath.register(new SmallDisk());
        ReservedFilePath.register();
        file = directory.resolve("documents.mv");
        store = MVStore.open("reserved:small:" + file);
    }

    @AfterEach
    void close() {
        capacity = ENDLESS;
        if (!store.isClosed()) store.close();
    }

    @Test
    void a_full_disk_does_not_close_a_store() throws Exception {
        MVMap<Integer, byte[]> map = store.openMap("map");
        map.put(0, bytes(0));
        store.commit();
        capacity = Files.size(file);
        for (int i = 0; i < 500; i++) {
            map.put(i % 50, bytes(i));
            store.commit();
        }
        assertThat(store.isClosed()).isFalse();
        assertThat(Files.size(file)).isEqualTo(capacity);
        assertThat(map.get(49)).isEqualTo(bytes(499));
    }

    @Test
    void what_exceeds_the_reserve_waits_until_there_is_space() throws Exception {
        MVMap<Integer, byte[]> map = store.openMap("map");
        map.put(0, bytes(0));
        store.commit();
        capacity = Files.size(file);
        CompletableFuture<Void> written =
                CompletableFuture.runAsync(() -> {
                    for (int i = 0; i < 5000; i++) {
                        map.put(i, bytes(i));
                        store.commit();
                    }
                });
        await().until(() -> ReservedFilePath.isLow(Path.of("small:" + file)));
        await().during(Duration.ofMillis(700)).until(() -> !written.isDone());
        capacity = ENDLESS;
        await().atMost(Duration.ofSeconds(30)).until(written::isDone);
        written.get();
        assertThat(store.isClosed()).isFalse();
        assertThat(ReservedFilePath.isLow(Path.of("small:" + file))).isFalse();
        store.close();
        store = MVStore.open("reserved:small:" + file);
        MVMap<Integer, byte[]> again = store.openMap("map");
        assertThat(again.size()).isEqualTo(5000);
        assertThat(again.get(4321)).isEqualTo(bytes(4321));
    }

    @Test
    void a_store_opens_on_a_full_disk_and_keeps_its_reserve() throws Exception {
        MVMap<Integer, byte[]> map = store.openMap("map");
        map.put(7, bytes(7));
        store.close();
        capacity = Files.size(file);
        store = MVStore.open("reserved:small:" + file);
        map = store.openMap("map");
        assertThat(map.get(7)).isEqualTo(bytes(7));
        map.put(8, bytes(8));
        store.commit();
        assertThat(ReservedFilePath.isLow(Path.of("small:" + file))).isFalse();
    }

    @Test
    void the_file_of_an_earlier_version_gets_a_reserve() throws Exception {
        Path old = directory.resolve("old.mv");
        try (MVStore plain = MVStore.open(old.toString())) {
            plain.openMap("map").put("key", "value");
        }
        long before = Files.size(old);
        try (MVStore reserved = MVStore.open("reserved:" + old)) {
            assertThat(reserved.openMap("map").get("key")).isEqualTo("value");
            assertThat(Files.size(old)).isGreaterThan(before + (30 << 20));
        }
        try (MVStore plain = MVStore.open("reserved:" + old)) {
            assertThat(plain.openMap("map").get("key")).isEqualTo("value");
        }
    }

    private static byte[] bytes(int seed) {
        byte[] bytes = new byte[20_000];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Files on a disk whose capacity a test sets. */
    public static final class SmallDisk extends FilePathWrapper {
        @Override
        public String getScheme() {
            return "small";
        }

        @Override
        public FileChannel open(String mode) throws IOException {
            return new LimitedFile(getBase().open(mode));
        }
    }

    private static final class LimitedFile extends FileBaseDefault {
        private final FileChannel file;

        LimitedFile(FileChannel file) {
            this.file = file;
        }

        @Override
        public synchronized int write(ByteBuffer source, long position) throws IOException {
            if (position + source.remaining() > Math.max(capacity, file.size()))
                throw new IOException("No space left on device");
            return file.write(source, position);
        }

        @Override
        public synchronized int read(ByteBuffer target, long position) throws IOException {
            return file.read(target, position);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        protected void implTruncate(long size) throws IOException {
            file.truncate(size);
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) throws IOException {
            return file.tryLock(position, size, shared);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            file.close();
        }
    }
}
