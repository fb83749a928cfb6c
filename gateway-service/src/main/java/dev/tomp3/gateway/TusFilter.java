package dev.tomp3.gateway;

import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import dev.tomp3.platform.Problems;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * What tus says of every request of {@code /files}: the method that a header names, and the version
 * of the protocol. Before the security filters, which must see that method.
 */
final class TusFilter extends OncePerRequestFilter {
    static final String PATH = "/files";
    static final String VERSION = "1.0.0";

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        String path = request.getRequestURI();
        return !path.equals(PATH) && !path.startsWith(PATH + "/");
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest sent, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        HttpServletRequest request = overridden(sent);
        response.setHeader(TusHeaders.RESUMABLE, VERSION);
        if (request.getMethod().equals("OPTIONS")
                || VERSION.equals(request.getHeader(TusHeaders.RESUMABLE))) {
            chain.doFilter(request, response);
            return;
        }
        response.setHeader(TusHeaders.PROTOCOL_VERSION, VERSION);
        Problems.write(
                response,
                new ProblemException(
                        Problem.UNSUPPORTED_TUS_VERSION,
                        "Send \"Tus-Resumable: " + VERSION + "\" with each request."));
    }

    private static HttpServletRequest overridden(HttpServletRequest request) {
        String method = request.getHeader("X-HTTP-Method-Override");
        if (method == null) return request;
        return new HttpServletRequestWrapper(request) {
            @Override
            public String getMethod() {
                return method;
            }
        };
    }
}
