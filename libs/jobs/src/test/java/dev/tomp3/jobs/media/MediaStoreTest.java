package dev.tomp3.jobs.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tomp3.jobs.media.MediaStore.Bucket;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The promises of every media store. */
abstract class MediaStoreTest {
    static final int CHUNK = 1000;
    private static final String ID = "652f1b2c3d4e5f6071829304";

    /** Well above what an embedded store in this JVM buffers. */
    private static final int BIG = 256 << 20;

    private static final int PIECE = 64 << 10;

    private MediaStore store;

    abstract MediaStore store();

    /** The same store with chunks of the usual size. */
    abstract MediaStore bigStore();

    /** The number of stored pieces, of whichever file. */
    abstract long pieces(Bucket bucket) throws IOException;

    @BeforeEach
    void prepare() throws Exception {
        store = store();
        store.prepare();
        store.prepare();
    }

    @Test
    void returns_what_was_committed() throws IOException {
        for (int length : new int[] {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3500}) {
            String id = ID + "-" + length;
            byte[] bytes = write(Bucket.MP3S, id, length);
            try (InputStream in = store.open(Bucket.MP3S, id, 0)) {
                assertThat(in.readAllBytes()).as("%d bytes", length).isEqualTo(bytes);
                assertThat(in.read()).isEqualTo(-1);
            }
        }
    }

    @Test
    void reads_from_any_offset_across_chunk_borders() throws IOException {
        byte[] bytes = write(Bucket.VIDEOS, ID, 3500);
        for (int offset : new int[] {0, 1, 999, 1000, 1001, 1999, 2000, 3000, 3499, 3500}) {
            try (InputStream in = store.open(Bucket.VIDEOS, ID, offset)) {
                assertThat(in.readAllBytes())
                        .as("from %d", offset)
                        .isEqualTo(Arrays.copyOfRange(bytes, offset, bytes.length));
            }
        }
    }

    @Test
    void reads_a_part_byte_by_byte_and_skips() throws IOException {
        byte[] bytes = write(Bucket.VIDEOS, ID, 3500);
        try (InputStream in = store.open(Bucket.VIDEOS, ID, 990)) {
            for (int i = 990; i < 1010; i++) assertThat(in.read()).isEqualTo(bytes[i] & 0xff);
            in.skipNBytes(1500);
            assertThat(in.readNBytes(20)).isEqualTo(Arrays.copyOfRange(bytes, 2510, 2530));
            assertThat(in.read(new byte[0])).isZero();
            assertThat(in.skip(10_000)).isLessThanOrEqualTo(10_000);
        }
        try (DataInputStream in = new DataInputStream(store.open(Bucket.VIDEOS, ID, 3490))) {
            assertThatThrownBy(() -> in.readFully(new byte[11])).isInstanceOf(EOFException.class);
        }
    }

    @Test
    void two_readers_do_not_disturb_each_other() throws IOException {
        byte[] bytes = write(Bucket.VIDEOS, ID, 3500);
        try (InputStream one = store.open(Bucket.VIDEOS, ID, 0);
                InputStream other = store.open(Bucket.VIDEOS, ID, 2000)) {
            assertThat(one.readNBytes(1500)).isEqualTo(Arrays.copyOf(bytes, 1500));
            assertThat(other.readNBytes(10)).isEqualTo(Arrays.copyOfRange(bytes, 2000, 2010));
            assertThat(one.readNBytes(10)).isEqualTo(Arrays.copyOfRange(bytes, 1500, 1510));
        }
    }

    @Test
    void reads_a_file_in_progress() throws IOException {
        byte[] bytes = new byte[3 * CHUNK + CHUNK / 2];
        new Random(1).nextBytes(bytes);
        assertThatThrownBy(() -> store.openInProgress(Bucket.VIDEOS, ID, 0))
                .isInstanceOf(NoSuchFileException.class);
        byte[] read = new byte[bytes.length + 1];
        int count = 0;
        try (MediaOutput out = store.create(Bucket.VIDEOS, ID)) {
            out.write(bytes, 0, CHUNK);
            await().until(() -> isReadable(ID));
            try (InputStream in = store.openInProgress(Bucket.VIDEOS, ID, 0);
                    InputStream late = store.openInProgress(Bucket.VIDEOS, ID, CHUNK / 2)) {
                count = fill(in, read, count);
                assertThat(count).isLessThanOrEqualTo(CHUNK);
                assertThat(in.read(read, count, 1)).isEqualTo(-1);
                out.write(bytes, CHUNK, CHUNK);
                count = fill(in, read, count);
                out.write(bytes, 2 * CHUNK, bytes.length - 2 * CHUNK);
                out.commit();
                count = fill(in, read, count);
                assertThat(Arrays.copyOf(read, count)).isEqualTo(bytes);
                assertThat(in.read()).isEqualTo(-1);
                assertThat(late.readNBytes(bytes.length))
                        .isEqualTo(Arrays.copyOfRange(bytes, CHUNK / 2, bytes.length));
            }
        }
    }

    @Test
    void continues_a_suspended_file_at_any_offset() throws IOException {
        byte[] bytes = random(3 * CHUNK + CHUNK / 2);
        int offset = 0;
        long writer = 0;
        int[] ends = {0, 1, CHUNK / 2, CHUNK, CHUNK, CHUNK + 1, 3 * CHUNK, bytes.length};
        for (int end : ends) {
            try (MediaOutput out = store.append(Bucket.VIDEOS, ID, offset, ++writer)) {
                out.write(bytes, offset, end - offset);
                out.suspend();
                assertThat(out.safe()).isEqualTo(end);
            }
            offset = end;
        }
        try (InputStream early = store.openInProgress(Bucket.VIDEOS, ID, 0)) {
            assertThat(early.readNBytes(bytes.length)).isEqualTo(bytes);
            assertThat(early.read()).isEqualTo(-1);
        }
        assertThat(ids()).containsExactly(ID);
        try (MediaOutput out = store.append(Bucket.VIDEOS, ID, offset, ++writer)) {
            out.commit();
        }
        assertStored(bytes);
        store.delete(Bucket.VIDEOS, ID);
        assertThat(ids()).isEmpty();
    }

    @Test
    void a_reader_follows_a_file_that_is_continued() throws IOException {
        byte[] bytes = random(2 * CHUNK);
        try (MediaOutput out = store.append(Bucket.VIDEOS, ID, 0, 1)) {
            out.write(bytes, 0, CHUNK / 3);
            out.suspend();
        }
        try (InputStream in = store.openInProgress(Bucket.VIDEOS, ID, 0)) {
            assertThat(in.readNBytes(CHUNK)).isEqualTo(Arrays.copyOf(bytes, CHUNK / 3));
            assertThat(in.read()).isEqualTo(-1);
            try (MediaOutput out = store.append(Bucket.VIDEOS, ID, CHUNK / 3, 2)) {
                out.write(bytes, CHUNK / 3, bytes.length - CHUNK / 3);
                out.commit();
            }
            assertThat(in.readAllBytes())
                    .isEqualTo(Arrays.copyOfRange(bytes, CHUNK / 3, bytes.length));
        }
    }

    @Test
    void forgets_what_a_lost_writer_wrote_after_the_safe_offset() throws IOException {
        byte[] bytes = random(2 * CHUNK + 7);
        try (MediaOutput out = store.append(Bucket.VIDEOS, ID, 0, 1)) {
            out.write(bytes, 0, CHUNK + 5);
            out.suspend();
        }
        try (MediaOutput lost = store.append(Bucket.VIDEOS, ID, CHUNK + 5, 2)) {
            lost.write(new byte[4 * CHUNK]);
            lost.suspend();
        }
        store.truncate(Bucket.VIDEOS, ID, CHUNK + 5);
        try (MediaOutput out = store.append(Bucket.VIDEOS, ID, CHUNK + 5, 3)) {
            out.write(bytes, CHUNK + 5, CHUNK + 2);
            out.commit();
        }
        assertStored(bytes);
        store.delete(Bucket.VIDEOS, ID);
        assertThat(ids()).isEmpty();
    }

    @Test
    void continues_a_file_that_was_committed_by_a_lost_writer() throws IOException {
        byte[] bytes = random(2 * CHUNK + 7);
        try (MediaOutput out = store.append(Bucket.VIDEOS, ID, 0, 1)) {
            out.write(bytes);
            out.commit();
        }
        store.truncate(Bucket.VIDEOS, ID, 5);
        try (MediaOutput out = store.append(Bucket.VIDEOS, ID, 5, 2)) {
            out.write(bytes, 5, bytes.length - 5);
            out.commit();
        }
        assertStored(bytes);
    }

    @Test
    void continues_no_file_of_which_bytes_are_missing() throws IOException {
        try (MediaOutput out = store.append(Bucket.VIDEOS, ID, 0, 1)) {
            out.write(new byte[10]);
            out.suspend();
        }
        assertThatThrownBy(() -> store.append(Bucket.VIDEOS, ID, 11, 2))
                .isInstanceOf(NoSuchFileException.class);
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private List<String> ids() throws IOException {
        List<String> ids = new ArrayList<>();
        store.forEachId(Bucket.VIDEOS, ids::add);
        return ids;
    }

    private void assertStored(byte[] bytes) throws IOException {
        try (InputStream in = store.open(Bucket.VIDEOS, ID, 0)) {
            assertThat(in.readAllBytes()).isEqualTo(bytes);
        }
    }

    private boolean isReadable(String id) throws IOException {
        try (InputStream in = store.openInProgress(Bucket.VIDEOS, id, 0)) {
            return in.read() >= 0;
        }
    }

    /** Reads until the stream returns -1. */
    private static int fill(InputStream in, byte[] bytes, int from) throws IOException {
        int count = from;
        for (int part = 0; part >= 0; part = in.read(bytes, count, bytes.length - count))
            count += part;
        return count;
    }

    @Test
    void keeps_nothing_that_was_closed_without_a_commit() throws IOException {
        for (int length : new int[] {0, 1, CHUNK, 3500}) {
            try (MediaOutput out = store.create(Bucket.VIDEOS, ID)) {
                out.write(bytes(length));
            }
            assertMissing(ID);
        }
        assertThat(ids(Bucket.VIDEOS)).isEmpty();
        assertThat(pieces(Bucket.VIDEOS)).isZero();
    }

    @Test
    void keeps_nothing_when_the_writer_fails() throws IOException {
        assertThatThrownBy(
                        () -> {
                            try (MediaOutput out = store.create(Bucket.VIDEOS, ID)) {
                                out.write(bytes(2500));
                                throw new IOException("the client went away");
                            }
                        })
                .hasMessage("the client went away");
        assertThat(ids(Bucket.VIDEOS)).isEmpty();
        assertThat(pieces(Bucket.VIDEOS)).isZero();
    }

    @Test
    void keeps_a_committed_file_that_is_closed_twice() throws IOException {
        MediaOutput out = store.create(Bucket.VIDEOS, ID);
        out.write(7);
        out.commit();
        out.close();
        out.close();
        try (InputStream in = store.open(Bucket.VIDEOS, ID, 0)) {
            assertThat(in.readAllBytes()).containsExactly(7);
        }
    }

    @Test
    void deletes_a_file_and_nothing_else() throws IOException {
        write(Bucket.VIDEOS, ID, 3500);
        write(Bucket.MP3S, ID, 10);
        write(Bucket.VIDEOS, ID + "-1", 2500);
        store.delete(Bucket.VIDEOS, ID);
        store.delete(Bucket.VIDEOS, ID);
        assertMissing(ID);
        assertThat(ids(Bucket.VIDEOS)).containsExactly(ID + "-1");
        assertThat(ids(Bucket.MP3S)).containsExactly(ID);
        store.delete(Bucket.VIDEOS, ID + "-1");
        assertThat(pieces(Bucket.VIDEOS)).isZero();
    }

    @Test
    void reports_a_missing_file() throws IOException {
        assertMissing(ID);
        write(Bucket.MP3S, ID, 10);
        assertMissing(ID);
    }

    @Test
    void lists_and_deletes_an_incomplete_file_of_a_crashed_process() throws IOException {
        MediaOutput abandoned = store.create(Bucket.VIDEOS, ID);
        abandoned.write(bytes(2500));
        write(Bucket.VIDEOS, ID + "-1", 10);
        assertThat(ids(Bucket.VIDEOS)).contains(ID, ID + "-1");
        store.delete(Bucket.VIDEOS, ID);
        assertThat(ids(Bucket.VIDEOS)).containsExactly(ID + "-1");
        abandoned.close();
        assertThat(ids(Bucket.VIDEOS)).containsExactly(ID + "-1");
    }

    @Test
    void a_big_file_needs_no_more_memory_than_a_small_one() throws Exception {
        MediaStore big = bigStore();
        big.prepare();
        byte[] piece = bytes(PIECE);
        try (MediaOutput out = big.create(Bucket.VIDEOS, ID)) {
            out.write(piece);
            long before = used();
            for (int written = PIECE; written < BIG; written += PIECE) out.write(piece);
            assertThat(used() - before).isLessThan(BIG / 2);
            out.commit();
        }
        byte[] read = new byte[PIECE];
        try (DataInputStream in = new DataInputStream(big.open(Bucket.VIDEOS, ID, 0))) {
            in.readFully(read);
            long before = used();
            for (int done = PIECE; done < BIG; done += PIECE) {
                in.readFully(read);
                assertThat(Arrays.equals(read, piece)).isTrue();
            }
            assertThat(used() - before).isLessThan(BIG / 2);
            assertThat(in.read()).isEqualTo(-1);
        }
        big.delete(Bucket.VIDEOS, ID);
        assertThat(ids(Bucket.VIDEOS)).isEmpty();
    }

    /** The size of reachable objects. */
    private static long used() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private byte[] write(Bucket bucket, String id, int length) throws IOException {
        byte[] bytes = bytes(length);
        try (MediaOutput out = store.create(bucket, id)) {
            int half = length / 2;
            out.write(bytes, 0, half);
            out.write(bytes, half, length - half);
            out.commit();
        }
        return bytes;
    }

    private List<String> ids(Bucket bucket) throws IOException {
        List<String> ids = new ArrayList<>();
        store.forEachId(bucket, ids::add);
        return ids;
    }

    private void assertMissing(String id) {
        assertThatThrownBy(
                        () -> {
                            try (InputStream in = store.open(Bucket.VIDEOS, id, 0)) {
                                in.read();
                            }
                        })
                .isInstanceOf(NoSuchFileException.class);
    }

    static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
