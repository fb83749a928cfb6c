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
 * Refuses what says that it is of no type at all, or of any: whoever reads such a {@code
 * Content-Type} in Spring, on the way in or on to another service, takes it for a fault of its own.
 */
final class ContentTypeFilter extends OncePerRequestFilter {
    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String type = request.getContentType();
        if (type == null || type.isEmpty() || concrete(type)) chain.doFilter(request, response);
        else
            Problems.write(
                    response,
                    Problem.UNSUPPORTED_TYPE,
                    Problems.hint(Problem.UNSUPPORTED_TYPE),
                    null);
    }

    private static boolean concrete(String type) {
        try {
            return MediaType.parseMediaType(type).isConcrete();
        } catch (InvalidMediaTypeException e) {
            return false;
        }
    }
}
