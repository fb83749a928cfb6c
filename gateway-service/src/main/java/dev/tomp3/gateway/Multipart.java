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
 * Reads the parts of a {@code multipart/form-data} body one after the other, as they arrive. Memory
 * does not depend on their size.
 *
 * <p>Commons FileUpload parses the heads of parts. It does not search for their ends, because it
 * compares each byte, which took four fifths of the CPU time of an upload. The search here
 * (Boyer-Moore-Horspool) reads about every fiftieth byte: the last byte of where the delimiter
 * could be decides how far it can skip.
 */
final class Multipart {
    private static final int BUFFER = 1 << 17;
    private static final int MAX_HEAD = 1 << 16;
    private static final int MAX_BOUNDARY = 256;
    private static final byte[] LINE = {'\r', '\n'};
    private static final byte[] LAST = {'-', '-'};
    private static final byte[] HEAD_END = {'\r', '\n', '\r', '\n'};

    /**
     * A part of the body.
     *
     * @param file the file name that the client sent; null for a form field
     * @param body must be read before the next part is requested, which skips the rest
     */
    record Part(String name, @Nullable String file, InputStream body) {}

    private final JakartaServletFileUpload<DiskFileItem, DiskFileItemFactory> heads =
            new JakartaServletFileUpload<>();
    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER];
    private final byte[] delimiter;
    private final int[] skip = new int[256];

    /** The bytes of the buffer that were not returned yet: from here up to {@link #to}. */
    private int from;

    private int to;

    /** The part's body ends here in the buffer; the delimiter follows if it was found. */
    private int bodyEnd;

    private boolean found;
    private boolean begun;
    private boolean ended;
    private long left;

    /**
     * Reads nothing yet.
     *
     * @param maxBytes of the whole body, so that skipped parts come to an end
     * @throws IOException when the content type has no usable boundary
     */
    Multipart(InputStream in, @Nullable String contentType, long maxBytes) throws IOException {
        this.in = in;
        this.left = maxBytes;
        byte @Nullable [] boundary = heads.getBoundary(contentType);
        if (boundary == null || boundary.length == 0 || boundary.length > MAX_BOUNDARY)
            throw new IOException("The content type has no usable boundary");
        delimiter = new byte[boundary.length + 4];
        System.arraycopy(new byte[] {'\r', '\n', '-', '-'}, 0, delimiter, 0, 4);
        System.arraycopy(boundary, 0, delimiter, 4, boundary.length);
        Arrays.fill(skip, delimiter.length);
        for (int i = 0; i < delimiter.length - 1; i++)
            skip[delimiter[i] & 0xff] = delimiter.length - 1 - i;
        // the first delimiter needs no end of line before it
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
            if (starts(LAST)) {
                ended = true;
                return null;
            }
            if (!starts(LINE)) throw new IOException("The line of a boundary has other text");
            FileItemHeaders head = head();
            search();
            try {
                String name = heads.getFieldName(head);
                if (name != null) return new Part(name, heads.getFileName(head), new Body());
            } catch (IllegalArgumentException e) {
                // an illegal encoded word (RFC 2047)
                throw new IOException("The head of a part cannot be read", e);
            }
        }
        return null;
    }

    private void skipBody() throws IOException {
        while (findBody()) from = bodyEnd;
    }

    /** Returns whether the part's body continues; if so, the buffer has some of it. */
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

    /** Reads from the end of the boundary's line to the empty line. */
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
            if (++length > MAX_HEAD) throw new IOException("The head of a part is too long");
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

    /** Reads more bytes, and drops those that were returned. */
    private void fill() throws IOException {
        System.arraycopy(buffer, from, buffer, 0, to - from);
        to -= from;
        from = 0;
        int read = in.read(buffer, to, buffer.length - to);
        if (read < 0) throw new EOFException("The body ends too early");
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
