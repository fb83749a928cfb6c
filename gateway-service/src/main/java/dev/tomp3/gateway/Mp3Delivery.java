package dev.tomp3.gateway;

import dev.tomp3.jobs.DownloadLinks.Disposition;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import dev.tomp3.platform.HttpLimits;
import dev.tomp3.platform.MinimumRate;
import dev.tomp3.platform.NanoClock;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Map;
import org.apache.coyote.CloseNowException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpRange;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.ServletWebRequest;

/**
 * Streams MP3s from the media store. A file never changes, so its id is the entity tag of the MP3.
 * One range is answered as a part, several ranges with the whole MP3 (RFC 9110, 14.2).
 */
@Component
class Mp3Delivery {
    private static final Logger log = LoggerFactory.getLogger(Mp3Delivery.class);
    private static final String PRIVATE = "private, no-store";
    private static final int BUFFER = 64 * 1024;

    private record Span(long first, long last, boolean partial) {
        long length() {
            return last - first + 1;
        }
    }

    private final MediaStore media;
    private final Transfers transfers;
    private final NanoClock clock;
    private final long minBytesPerSecond;

    Mp3Delivery(MediaStore media, Transfers transfers, NanoClock clock, HttpLimits limits) {
        this.media = media;
        this.transfers = transfers;
        this.clock = clock;
        this.minBytesPerSecond = limits.bytesPerSecond();
    }

    /**
     * Answers a request with the MP3 of a job, or the part of it that the request wants.
     *
     * @param user the id of the user whose transfer it is
     * @throws ProblemException when the job has no MP3
     */
    void send(
            Job job,
            String user,
            Disposition disposition,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        Job.Result mp3 = ready(job);
        String tag = "\"" + job.mp3File() + "\"";
        if (new ServletWebRequest(request, response).checkNotModified(tag)) {
            response.setHeader(HttpHeaders.CACHE_CONTROL, PRIVATE);
            return;
        }
        Span span = span(request, tag, mp3.bytes());
        if (span == null) {
            response.setHeader(HttpHeaders.CONTENT_RANGE, "bytes */" + mp3.bytes());
            throw new ProblemException(
                    Problem.RANGE_NOT_SATISFIABLE, "The MP3 has " + mp3.bytes() + " bytes.");
        }
        try (Transfers.Transfer _ = transfers.begin(user);
                InputStream in = open(job.mp3File(), span.first())) {
            if (span.partial()) {
                response.setStatus(HttpServletResponse.SC_PARTIAL_CONTENT);
                response.setHeader(
                        HttpHeaders.CONTENT_RANGE,
                        "bytes %d-%d/%d".formatted(span.first(), span.last(), mp3.bytes()));
            }
            response.setHeader(HttpHeaders.ACCEPT_RANGES, "bytes");
            response.setHeader(HttpHeaders.CACHE_CONTROL, PRIVATE);
            response.setContentType("audio/mpeg");
            response.setContentLengthLong(span.length());
            response.setHeader(
                    HttpHeaders.CONTENT_DISPOSITION, disposition(disposition, job.source().name()));
            if (request.getMethod().equals("HEAD")) return;
            copy(in, response.getOutputStream(), span.length(), job.id());
        }
    }

    /**
     * @throws ProblemException when the job has no MP3
     */
    static Job.Result ready(Job job) {
        Job.Result result = job.result();
        return switch (job.status()) {
            case CANCELLED, EXPIRED ->
                    throw new ProblemException(
                            Problem.GONE, "The job is " + job.status().wire() + ".");
            case DONE -> {
                if (result == null)
                    throw new IllegalStateException(
                            "Job " + job.id() + " is done without a result");
                yield result;
            }
            case UPLOADING, QUEUED, CONVERTING, FAILED ->
                    throw new ProblemException(
                            Problem.NOT_READY,
                            "The job is " + job.status().wire() + ".",
                            Map.of("job_status", job.status().wire(), "progress", job.progress()));
        };
    }

    /** The part of the MP3 to answer with; null when the range starts beyond its end. */
    private static @Nullable Span span(HttpServletRequest request, String tag, long length) {
        Span whole = new Span(0, length - 1, false);
        String header = request.getHeader(HttpHeaders.RANGE);
        String condition = request.getHeader(HttpHeaders.IF_RANGE);
        if (header == null || (condition != null && !condition.equals(tag))) return whole;
        List<HttpRange> ranges;
        try {
            ranges = HttpRange.parseRanges(header);
        } catch (IllegalArgumentException e) {
            return whole; // not a range of bytes: ignored
        }
        if (ranges.size() != 1) return whole;
        try {
            long first = ranges.getFirst().getRangeStart(length);
            return first < length
                    ? new Span(first, ranges.getFirst().getRangeEnd(length), true)
                    : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /**
     * Opens the MP3 with this id in the media store.
     *
     * @throws ProblemException when it was deleted, or the store cannot be reached
     */
    InputStream open(String file, long offset) throws IOException {
        try {
            return media.open(Bucket.MP3S, file, offset);
        } catch (NoSuchFileException e) {
            throw new ProblemException(Problem.GONE, "The MP3 has just been deleted.");
        } catch (IOException e) {
            throw new ProblemException(
                    Problem.UNAVAILABLE, "The media store cannot be reached. Try again.");
        }
    }

    /**
     * Copies an MP3 to a client. The connection is closed when the store fails meanwhile, and when
     * the client takes it too slowly.
     */
    void copy(InputStream in, OutputStream out, long length, String job) throws IOException {
        byte[] buffer = new byte[BUFFER];
        MinimumRate rate = new MinimumRate(minBytesPerSecond);
        while (length > 0) {
            int read;
            try {
                read = in.read(buffer, 0, (int) Math.min(buffer.length, length));
                if (read < 0) throw new EOFException("The stored file is shorter than the MP3");
            } catch (IOException e) {
                throw brokenOff(out, job, e);
            }
            long start = clock.nanoTime();
            out.write(buffer, 0, read);
            if (!rate.record(read, clock.since(start))) {
                log.info("The download of job {} was too slow and was ended", job);
                throw new CloseNowException();
            }
            length -= read;
        }
    }

    static CloseNowException brokenOff(OutputStream out, String job, Exception reason)
            throws IOException {
        log.warn("The download of job {} broke off: {}", job, reason.toString());
        out.flush(); // only a connection that ends early can still tell the client
        return new CloseNowException();
    }

    /** The video's name with the extension .mp3. */
    static String name(String video) {
        int dot = video.lastIndexOf('.');
        return (dot > 0 ? video.substring(0, dot) : video) + ".mp3";
    }

    /** With the name in full (RFC 6266), and in ASCII for older clients. */
    static String disposition(Disposition disposition, String video) {
        String name = name(video);
        String ascii = name.replaceAll("[^ !#-\\[\\]-~]", "_");
        String header = disposition.wire() + "; filename=\"" + ascii + "\"";
        if (name.equals(ascii)) return header;
        String full =
                ContentDisposition.attachment()
                        .filename(name, StandardCharsets.UTF_8)
                        .build()
                        .toString();
        return header + "; " + full.substring(full.lastIndexOf("filename*="));
    }
}
