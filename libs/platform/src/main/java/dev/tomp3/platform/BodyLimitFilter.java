package dev.tomp3.platform;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Rejects larger request bodies with 413. A body with a {@code Content-Length} is rejected before
 * it is read, a chunked one as soon as the limit is exceeded. Other bodies are read before the
 * request is handled, so that a slow client holds nothing but its connection.
 */
public final class BodyLimitFilter extends OncePerRequestFilter {
    private final int kilobytes;
    private final int limit;

    public BodyLimitFilter(int kilobytes) {
        this.kilobytes = kilobytes;
        this.limit = kilobytes * 1024;
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        long length = request.getContentLengthLong();
        if (length > limit) {
            reject(response);
        } else if (length == 0
                || (length < 0 && request.getHeader(HttpHeaders.TRANSFER_ENCODING) == null)) {
            chain.doFilter(request, response);
        } else {
            byte[] body = request.getInputStream().readNBytes(limit + 1);
            if (body.length > limit) reject(response);
            else chain.doFilter(new BufferedRequest(request, body), response);
        }
    }

    private void reject(HttpServletResponse response) throws IOException {
        Problems.write(
                response,
                new ProblemException(
                        Problem.TOO_LARGE,
                        "The request body must not be larger than " + kilobytes + " KB."));
    }

    /** A request whose body has been read. */
    private static final class BufferedRequest extends HttpServletRequestWrapper {
        private final byte[] body;

        BufferedRequest(HttpServletRequest request, byte[] body) {
            super(request);
            this.body = body;
        }

        @Override
        public ServletInputStream getInputStream() {
            ByteArrayInputStream bytes = new ByteArrayInputStream(body);
            return new ServletInputStream() {
                @Override
                public int read() {
                    return bytes.read();
                }

                @Override
                public int read(byte[] buffer, int offset, int length) {
                    return bytes.read(buffer, offset, length);
                }

                @Override
                public boolean isFinished() {
                    return bytes.available() == 0;
                }

                @Override
                public boolean isReady() {
                    return true;
                }

                @Override
                public void setReadListener(ReadListener listener) {
                    throw new UnsupportedOperationException();
                }
            };
        }
    }
}
