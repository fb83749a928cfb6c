package dev.tomp3.gateway;

import dev.tomp3.gateway.ResumableReceiver.Part;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/** The headers of tus 1.0.0, and what a request says with them. */
final class TusHeaders {
    static final String RESUMABLE = "Tus-Resumable";
    static final String PROTOCOL_VERSION = "Tus-Version";
    static final String EXTENSION = "Tus-Extension";
    static final String MAX_SIZE = "Tus-Max-Size";
    static final String CHECKSUM_ALGORITHM = "Tus-Checksum-Algorithm";
    static final String OFFSET = "Upload-Offset";
    static final String LENGTH = "Upload-Length";
    static final String DEFER_LENGTH = "Upload-Defer-Length";
    static final String METADATA = "Upload-Metadata";
    static final String CHECKSUM = "Upload-Checksum";
    static final String EXPIRES = "Upload-Expires";

    /** Those that are supported. */
    static final String EXTENSIONS =
            "creation,creation-with-upload,creation-defer-length,expiration,checksum,termination";

    /** The type of bytes of an upload. */
    static final String PART = "application/offset+octet-stream";

    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

    private TusHeaders() {}

    /** The length of the whole upload; null if the client will declare it later. */
    static @Nullable Long length(HttpServletRequest request) {
        Long length = number(request, LENGTH);
        String deferred = request.getHeader(DEFER_LENGTH);
        if (deferred != null && !deferred.equals("1")) {
            throw new ProblemException(
                    Problem.MALFORMED_REQUEST, DEFER_LENGTH + " is 1, or not sent.");
        }
        if ((length == null) == (deferred == null)) {
            throw new ProblemException(
                    Problem.MALFORMED_REQUEST,
                    "Send either " + LENGTH + " or \"" + DEFER_LENGTH + ": 1\".");
        }
        return length;
    }

    /** The first bytes that a creation brings, if it brings any. */
    static @Nullable Part firstPart(HttpServletRequest request, @Nullable Long length)
            throws IOException {
        if (!hasBody(request)) return null;
        requirePart(request);
        Part part = part(request, 0, null);
        if (length == null || part.bytes() <= length) return part;
        throw new ProblemException(
                Problem.TOO_LARGE, "The body is longer than the declared " + length + " bytes.");
    }

    /** The bytes that continue an upload. */
    static Part nextPart(HttpServletRequest request) throws IOException {
        requirePart(request);
        Long offset = number(request, OFFSET);
        if (offset == null) {
            throw new ProblemException(
                    Problem.MALFORMED_REQUEST, "The request has no " + OFFSET + ".");
        }
        return part(request, offset, number(request, LENGTH));
    }

    private static @Nullable Long number(HttpServletRequest request, String header) {
        String value = request.getHeader(header);
        if (value == null) return null;
        if (!NUMBER.matcher(value).matches()) {
            throw new ProblemException(
                    Problem.MALFORMED_REQUEST, header + " is a number of bytes.");
        }
        return Long.valueOf(value);
    }

    private static boolean hasBody(HttpServletRequest request) {
        return request.getContentLengthLong() > 0
                || request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null;
    }

    private static void requirePart(HttpServletRequest request) {
        String type = request.getContentType();
        if (type == null || !type.split(";", 2)[0].strip().equalsIgnoreCase(PART)) {
            throw new ProblemException(
                    Problem.UNSUPPORTED_TYPE, "Send the bytes with Content-Type " + PART + ".");
        }
    }

    private static Part part(HttpServletRequest request, long offset, @Nullable Long length)
            throws IOException {
        String checksum = request.getHeader(CHECKSUM);
        return new Part(
                offset,
                length,
                hasBody(request) ? request.getContentLengthLong() : 0,
                checksum == null ? null : Checksum.parse(checksum),
                request.getInputStream());
    }
}
