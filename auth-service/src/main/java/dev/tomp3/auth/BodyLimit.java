package dev.tomp3.auth;

import dev.tomp3.contract.http.Problem;
import dev.tomp3.contract.http.ProblemException;
import dev.tomp3.contract.http.Problems;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * No request here needs more than a few hundred bytes: 413 for more than 16 KB, before the body is
 * read where its length is told, else as soon as that much has come.
 */
final class BodyLimit extends OncePerRequestFilter {
    private static final int LIMIT = 16 * 1024;
    private static final String DETAIL = "A body has at most 16 KB here.";

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (request.getContentLengthLong() > LIMIT) {
            Problems.write(response, Problem.TOO_LARGE, DETAIL, null);
        } else if (request.getContentLengthLong() < 0) {
            chain.doFilter(new Limited(request), response);
        } else {
            chain.doFilter(request, response);
        }
    }

    private static final class Limited extends HttpServletRequestWrapper {
        Limited(HttpServletRequest request) {
            super(request);
        }

        @Override
        public ServletInputStream getInputStream() throws IOException {
            ServletInputStream body = super.getInputStream();
            return new ServletInputStream() {
                private int rest = LIMIT;

                @Override
                public int read() throws IOException {
                    int next = body.read();
                    if (next >= 0) count(1);
                    return next;
                }

                @Override
                public int read(byte[] buffer, int offset, int length) throws IOException {
                    int got = body.read(buffer, offset, length);
                    if (got > 0) count(got);
                    return got;
                }

                private void count(int bytes) {
                    rest -= bytes;
                    if (rest < 0) throw new ProblemException(Problem.TOO_LARGE, DETAIL);
                }

                @Override
                public boolean isFinished() {
                    return body.isFinished();
                }

                @Override
                public boolean isReady() {
                    return body.isReady();
                }

                @Override
                public void setReadListener(ReadListener listener) {
                    body.setReadListener(listener);
                }
            };
        }
    }
}
