package dev.tomp3.gateway;

import dev.tomp3.jobs.Option;
import dev.tomp3.jobs.Options;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The form of {@code POST /upload}: the options and perhaps a cover, then exactly one file. */
final class UploadForm implements UploadReceiver.Body {
    private static final int MAX_PARTS = 40;
    private static final int MAX_OPTION = 1024;
    private static final int MAX_NAME = 255;
    private static final int MAX_COVER = 1 << 20;
    private static final int PNG = 0x8950_4E47;
    private static final int JPEG = 0xFF_D8FF;

    private final InputStream in;
    private final @Nullable String contentType;
    private final long maxBytes;
    private final UploadOptions options;
    private @Nullable Multipart parts;
    private byte @Nullable [] cover;

    /**
     * Reads nothing yet.
     *
     * @param maxBytes of the whole form
     */
    UploadForm(InputStream in, @Nullable String contentType, long maxBytes, UploadOptions options) {
        this.in = in;
        this.contentType = contentType;
        this.maxBytes = maxBytes;
        this.options = options;
    }

    @Override
    public UploadReceiver.Video open() throws IOException {
        Multipart all = new Multipart(in, contentType, maxBytes);
        parts = all;
        Map<String, String> given = new HashMap<>();
        for (Multipart.Part part = all.next(); part != null; part = all.next()) {
            if (part.file() != null && part.name().equals(Option.COVER.wire())) {
                readCover(part);
            } else if (part.file() != null) {
                Options parsed = options.parse(given);
                if (cover != null) parsed = parsed.withCover(sha256(cover));
                return new UploadReceiver.Video(fileName(part.file()), parsed, part.body());
            } else {
                addOption(part, given);
            }
        }
        throw new ProblemException(Problem.NOT_ONE_FILE, "The upload has no file part.");
    }

    @Override
    public byte @Nullable [] cover() {
        return cover;
    }

    private void readCover(Multipart.Part part) throws IOException {
        byte[] picture = part.body().readNBytes(MAX_COVER + 1);
        boolean png = picture.length > 4 && ByteBuffer.wrap(picture).getInt() == PNG;
        boolean jpeg = picture.length > 4 && ByteBuffer.wrap(picture).getInt() >>> 8 == JPEG;
        if (cover != null || picture.length > MAX_COVER || !(png || jpeg)) {
            throw new ProblemException(
                    Problem.INVALID_OPTIONS, "A cover is one JPEG or PNG of up to 1 MB.");
        }
        cover = picture;
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void addOption(Multipart.Part part, Map<String, String> options)
            throws IOException {
        if (options.size() == MAX_PARTS) {
            throw new ProblemException(
                    Problem.MALFORMED_REQUEST, "A form has at most " + MAX_PARTS + " parts.");
        }
        byte[] value = part.body().readNBytes(MAX_OPTION + 1);
        if (value.length > MAX_OPTION
                || options.put(part.name(), new String(value, StandardCharsets.UTF_8).strip())
                        != null) {
            throw new ProblemException(
                    Problem.INVALID_OPTIONS,
                    "An option is given once and has at most " + MAX_OPTION + " bytes.");
        }
    }

    /**
     * Reads to the end of the form, so that an upload which breaks off after its file is not taken
     * for a complete one.
     */
    @Override
    public void end() throws IOException {
        Multipart.Part next = parts == null ? null : parts.next();
        if (next == null) return;
        throw next.file() == null
                ? new ProblemException(
                        Problem.OPTION_AFTER_FILE,
                        "An option follows the file. Give options before the file.")
                : new ProblemException(
                        Problem.NOT_ONE_FILE, "The upload has more than one file part.");
    }

    /** The last segment of the path that the client sent, without control characters. */
    static String fileName(@Nullable String given) {
        String name = given == null ? "" : given.replace("\\\"", "\""); // as curl escapes it
        name = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
        name =
                name.replaceAll(
                                "[\\p{Cc}\\p{Co}\\p{Cs}\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]",
                                "")
                        .strip();
        if (name.codePointCount(0, name.length()) > MAX_NAME) {
            name = name.substring(0, name.offsetByCodePoints(0, MAX_NAME));
        }
        return name.isEmpty() || name.equals(".") || name.equals("..") ? "video" : name;
    }
}
