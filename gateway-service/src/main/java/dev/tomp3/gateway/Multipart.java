package dev.tomp3.gateway;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.apache.commons.fileupload2.core.DiskFileItem;
import org.apache.commons.fileupload2.core.DiskFileItemFactory;
import org.apache.commons.fileupload2.core.FileItemHeaders;
import org.apache.commons.fileupload2.jakarta.servlet6.JakartaServletFileUpload;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a body of {@code multipart/form-data}, one after the other as they arrive. Memory
 * does not depend on their size.
 *
 * <p>What a part's head means is the library's affair. Where a part ends is not: the library
 * compares each byte, which took four fifths of an upload's processor time. Here the search looks
 * at every fiftieth or so: at the last byte of where the delimiter could be, and from there as far
 * on as that byte lets it be (Boyer, Moore, Horspool).
 */
final class Multipart {
    private static final int BUFFER = 1 << 17;
    private static final int LONGEST_HEAD = 1 << 16;
    private static final int LONGEST_BOUNDARY = 256;
    private static final byte[] LINE = {'\r', '\n'};
    private static final byte[] NO_MORE = {'-', '-'};
    private static final byte[] HEAD_END = {'\r', '\n', '\r', '\n'};

    /**
     * A part of the body.
     *
     * @param file what the client calls the file; null for a field of a form
     * @param body to be read before the next part is asked for, or else skipped by that
     */
    record Part(String name, @Nullable String file, InputStream body) {}

    private final JakartaServletFileUpload<DiskFileItem, DiskFileItemFactory> heads =
            new JakartaServletFileUpload<>();
    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER];
    private final byte[] delimiter;
    private final int[] skip = new int[256];

    /** Of the buffer: what was not given out yet. */
    private int from;

    private int to;

    /**
     * Up to here the buffer has the body of the part; there is the delimiter, when it was found.
     */
    private int bodyEnd;

    private boolean found;
    private boolean begun;
    private boolean ended;
    private long left;

    /**
     * Reads nothing yet.
     *
     * @param mostBytes of the whole body, so that parts which nobody wants come to an end
     * @throws IOException when the content type has no boundary that can be used
     */
    Multipart(InputStream in, @Nullable String contentType, long mostBytes) throws IOException {
        this.in = in;
        this.left = mostBytes;
        byte @Nullable [] boundary = heads.getBoundary(contentType);
        if (boundary == null || boundary.length == 0 || boundary.length > LONGEST_BOUNDARY)
            throw new IOException("There is no boundary between the parts");
        delimiter = new byte[boundary.length + 4];
        System.arraycopy(new byte[] {'\r', '\n', '-', '-'}, 0, delimiter, 0, 4);
        System.arraycopy(boundary, 0, delimiter, 4, boundary.length);
        Arrays.fill(skip, delimiter.length);
        for (int i = 0; i < delimiter.length - 1; i++)
            skip[delimiter[i] & 0xff] = delimiter.length - 1 - i;
        // the first delimiter may do without the end of a line before it
        System.arraycopy(LINE, 0, buffer, 0, LINE.length);
        to = LINE.length;
    }

    /**
     * The next part that has a name; null when there is none.
     *
     * @throws IOException when the body is malformed, breaks off, or is too long
     */
    @Nullable Part next() throws IOException {
        while (!ended) {
            try {
                skipBody();
            } catch (EOFException e) {
                if (begun) throw e;
                ended = true; // no part at all
                return null;
            }
            begun = true;
            from += delimiter.length;
            found = false;
            require(2);
            if (starts(NO_MORE)) {
                ended = true;
                return null;
            }
            if (!starts(LINE)) throw new IOException("There is more than a boundary in its line");
            FileItemHeaders head = head();
            search();
            try {
                String name = heads.getFieldName(head);
                if (name != null) return new Part(name, heads.getFileName(head), new Body());
            } catch (IllegalArgumentException e) {
                // names are coded as those in mails are
                throw new IOException("The head of a part cannot be read", e);
            }
        }
        return null;
    }

    private void skipBody() throws IOException {
        while (findBody()) from = bodyEnd;
    }

    /** Returns whether there is more of the part's body, and has some of it in the buffer then. */
    private boolean findBody() throws IOException {
        while (from == bodyEnd) {
            if (found) return false;
            fill();
            search();
        }
        return true;
    }

    private void search() {
        int last = delimiter.length - 1;
        int at = from;
        while (at + last < to) {
            byte byteAtLast = buffer[at + last];
            if (byteAtLast == delimiter[last]
                    && Arrays.equals(buffer, at, at + last, delimiter, 0, last)) {
                found = true;
                break;
            }
            at += skip[byteAtLast & 0xff];
        }
        bodyEnd = at;
    }

    /** From the end of the boundary's line to the empty line. */
    private FileItemHeaders head() throws IOException {
        int length = 0;
        require(HEAD_END.length);
        while (!Arrays.equals(
                buffer,
                from + length,
                from + length + HEAD_END.length,
                HEAD_END,
                0,
                HEAD_END.length)) {
            if (++length > LONGEST_HEAD) throw new IOException("The head of a part is too long");
            require(length + HEAD_END.length);
        }
        int first = from + LINE.length;
        from += length + HEAD_END.length;
        return heads.getParsedHeaders(
                new String(buffer, first, from - first, StandardCharsets.UTF_8));
    }

    private boolean starts(byte[] bytes) {
        return Arrays.equals(buffer, from, from + bytes.length, bytes, 0, bytes.length);
    }

    private void require(int length) throws IOException {
        while (to - from < length) fill();
    }

    /** Reads some more. What was given out is gone. */
    private void fill() throws IOException {
        System.arraycopy(buffer, from, buffer, 0, to - from);
        to -= from;
        from = 0;
        int read = in.read(buffer, to, buffer.length - to);
        if (read < 0) throw new EOFException("The body breaks off");
        left -= read;
        if (left < 0) throw new IOException("The body is too long");
        to += read;
    }

    private final class Body extends InputStream {
        @Override
        public int read() throws IOException {
            return findBody() ? buffer[from++] & 0xff : -1;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, bytes.length);
            if (length == 0) return 0;
            if (!findBody()) return -1;
            int part = Math.min(length, bodyEnd - from);
            System.arraycopy(buffer, from, bytes, offset, part);
            from += part;
            return part;
        }

        @Override
        public int available() {
            return bodyEnd - from;
        }
    }
}
