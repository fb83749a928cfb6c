package dev.tomp3.platform;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Rejects a request whose {@code Content-Type} is malformed or has a wildcard. Spring would answer
 * 500 where it parses such a header later, in a handler or in a request to another service.
 */
final class ContentTypeFilter extends OncePerRequestFilter {
    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String type = request.getContentType();
        if (type == null || type.isEmpty() || concrete(type)) chain.doFilter(request, response);
        else Problems.write(response, Problem.UNSUPPORTED_TYPE);
    }

    private static boolean concrete(String type) {
        try {
            return MediaType.parseMediaType(type).isConcrete();
        } catch (InvalidMediaTypeException e) {
            return false;
        }
    }
}
