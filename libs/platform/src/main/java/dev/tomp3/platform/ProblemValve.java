package dev.tomp3.platform;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.regex.Pattern;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests that Tomcat itself rejects before any filter runs (a malformed request line,
 * oversized headers) with a problem, rejects one whose path cannot be decoded, which Tomcat looks
 * at only up to a semicolon, and adds the headers that every response has.
 */
public final class ProblemValve extends ErrorReportValve {
    private static final Pattern DECODABLE = Pattern.compile("(?:[^%]|%[0-9a-fA-F]{2})*+");

    private static final String SWAGGER_UI = "/swagger-ui/";

    /** No response is a page, nor may a page embed it. */
    private static final String NOTHING = "default-src 'none'; frame-ancestors 'none'";

    /** Swagger UI creates styles and pictures in the page. */
    private static final String OWN_SCRIPTS =
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
                    + " object-src 'none'; base-uri 'none'; form-action 'none';"
                    + " frame-ancestors 'none'";

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        String path = request.getRequestURI();
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("Referrer-Policy", "no-referrer");
        response.setHeader(
                "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()");
        response.setHeader(
                "Content-Security-Policy",
                path != null && path.startsWith(SWAGGER_UI) ? OWN_SCRIPTS : NOTHING);
        if (path == null || DECODABLE.matcher(path).matches()) {
            super.invoke(request, response);
        } else {
            response.sendError(HttpServletResponse.SC_BAD_REQUEST);
            response.setSuspended(false);
            report(request, response, null);
        }
    }

    @Override
    protected void report(Request request, Response response, @Nullable Throwable throwable) {
        if (response.getStatus() < 400
                || response.getContentWritten() > 0
                || response.isCommitted()
                // Tomcat does not regard a bare status code as an error, but it needs a problem too
                || (response.isError() && !response.setErrorReported())) return;
        try {
            Problems.write(response, Problem.of(response.getStatus()));
            response.finishResponse();
        } catch (IOException | IllegalStateException e) {
            container.getLogger().debug("The client closed the connection", e);
        }
    }
}
