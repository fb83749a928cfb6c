package dev.tomp3.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.zip.CRC32;

/**
 * A ZIP (APPNOTE 6.3.10) of stored entries that is written as a stream, with a length that is known
 * beforehand. The checksum of an entry follows its bytes in a data descriptor, so that no entry is
 * read twice. Entries and archives of 4 GiB and more are in the ZIP64 format; smaller ones are not,
 * because some programs read only the older one.
 */
final class StoredZip {
    private static final long LIMIT_32 = 0xFFFFFFFFL;
    private static final int VERSION = 20;
    private static final int VERSION_ZIP64 = 45;
    private static final int UNIX = 3 << 8;
    private static final int REGULAR_FILE = 0100644;

    /** A data descriptor follows; the name is UTF-8. */
    private static final int FLAGS = 1 << 3 | 1 << 11;

    /**
     * One file.
     *
     * @param name unique in the archive
     */
    record Entry(String name, long bytes, Instant modified) {}

    /** Writes exactly the bytes of an entry. */
    interface Content {
        void write(int entry, OutputStream out) throws IOException;
    }

    private final List<Entry> entries;
    private final long zip64From;

    StoredZip(List<Entry> entries) {
        this(entries, LIMIT_32);
    }

    /**
     * @param zip64From the size from which on ZIP64 is used, for tests
     */
    StoredZip(List<Entry> entries, long zip64From) {
        this.entries = entries;
        this.zip64From = zip64From;
    }

    /** The length of the archive in bytes. */
    long length() {
        long offset = 0;
        long directory = 0;
        for (Entry entry : entries) {
            directory += centralHeader(entry, offset, 0).length;
            offset += localHeader(entry).length + entry.bytes() + descriptor(entry, 0).length;
        }
        return offset + directory + end(offset, directory).length;
    }

    void write(OutputStream out, Content content) throws IOException {
        byte[][] directory = new byte[entries.size()][];
        long offset = 0;
        long directoryLength = 0;
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            byte[] header = localHeader(entry);
            out.write(header);
            Checked checked = new Checked(out);
            content.write(i, checked);
            if (checked.bytes != entry.bytes())
                throw new IOException("The entry has another length than announced");
            int crc = (int) checked.crc.getValue();
            byte[] descriptor = descriptor(entry, crc);
            out.write(descriptor);
            directory[i] = centralHeader(entry, offset, crc);
            directoryLength += directory[i].length;
            offset += header.length + entry.bytes() + descriptor.length;
        }
        for (byte[] header : directory) out.write(header);
        out.write(end(offset, directoryLength));
    }

    private boolean isLarge(long number) {
        return number >= zip64From;
    }

    private byte[] localHeader(Entry entry) {
        byte[] name = entry.name().getBytes(UTF_8);
        boolean large = isLarge(entry.bytes());
        int size = large ? (int) LIMIT_32 : 0;
        ByteBuffer header = buffer(30 + name.length + (large ? 20 : 0));
        header.putInt(0x04034b50).putShort((short) (large ? VERSION_ZIP64 : VERSION));
        putFlagsAndTime(header, entry);
        header.putInt(0).putInt(size).putInt(size);
        header.putShort((short) name.length).putShort((short) (large ? 20 : 0)).put(name);
        // tells that the sizes in the descriptor have 8 bytes
        if (large) header.putShort((short) 1).putShort((short) 16).putLong(0).putLong(0);
        return bytes(header);
    }

    private byte[] descriptor(Entry entry, int crc) {
        boolean large = isLarge(entry.bytes());
        ByteBuffer descriptor = buffer(large ? 24 : 16);
        descriptor.putInt(0x08074b50).putInt(crc);
        if (large) descriptor.putLong(entry.bytes()).putLong(entry.bytes());
        else descriptor.putInt((int) entry.bytes()).putInt((int) entry.bytes());
        return bytes(descriptor);
    }

    private byte[] centralHeader(Entry entry, long offset, int crc) {
        byte[] name = entry.name().getBytes(UTF_8);
        boolean large = isLarge(entry.bytes());
        boolean far = isLarge(offset);
        int extra = (large ? 16 : 0) + (far ? 8 : 0);
        int size = (int) (large ? LIMIT_32 : entry.bytes());
        int version = large || far ? VERSION_ZIP64 : VERSION;
        ByteBuffer header = buffer(46 + name.length + (extra == 0 ? 0 : 4 + extra));
        header.putInt(0x02014b50).putShort((short) (UNIX | version)).putShort((short) version);
        putFlagsAndTime(header, entry);
        header.putInt(crc).putInt(size).putInt(size);
        header.putShort((short) name.length).putShort((short) (extra == 0 ? 0 : 4 + extra));
        header.putShort((short) 0).putShort((short) 0).putShort((short) 0); // comment, disk, text
        header.putInt(REGULAR_FILE << 16).putInt((int) (far ? LIMIT_32 : offset)).put(name);
        if (extra > 0) header.putShort((short) 1).putShort((short) extra);
        if (large) header.putLong(entry.bytes()).putLong(entry.bytes());
        if (far) header.putLong(offset);
        return bytes(header);
    }

    private byte[] end(long directoryOffset, long directoryLength) {
        boolean far = isLarge(directoryOffset);
        int count = entries.size();
        ByteBuffer end = buffer(22 + (far ? 56 + 20 : 0));
        if (far) {
            end.putInt(0x06064b50).putLong(44);
            end.putShort((short) (UNIX | VERSION_ZIP64)).putShort((short) VERSION_ZIP64);
            end.putInt(0).putInt(0).putLong(count).putLong(count);
            end.putLong(directoryLength).putLong(directoryOffset);
            end.putInt(0x07064b50).putInt(0).putLong(directoryOffset + directoryLength).putInt(1);
        }
        end.putInt(0x06054b50).putShort((short) 0).putShort((short) 0);
        end.putShort((short) count).putShort((short) count).putInt((int) directoryLength);
        end.putInt((int) (far ? LIMIT_32 : directoryOffset)).putShort((short) 0);
        return bytes(end);
    }

    /** Flags, method (stored), and the time in the format of MS-DOS. */
    private static void putFlagsAndTime(ByteBuffer header, Entry entry) {
        LocalDateTime time = LocalDateTime.ofInstant(entry.modified(), ZoneOffset.UTC);
        header.putShort((short) FLAGS).putShort((short) 0);
        header.putShort(
                (short) (time.getHour() << 11 | time.getMinute() << 5 | time.getSecond() / 2));
        header.putShort(
                (short)
                        (Math.max(0, time.getYear() - 1980) << 9
                                | time.getMonthValue() << 5
                                | time.getDayOfMonth()));
    }

    private static ByteBuffer buffer(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.flip().remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static final class Checked extends OutputStream {
        private final OutputStream out;
        private final CRC32 crc = new CRC32();
        private long bytes;

        Checked(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] buffer, int offset, int length) throws IOException {
            out.write(buffer, offset, length);
            crc.update(buffer, offset, length);
            bytes += length;
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }
    }
}
