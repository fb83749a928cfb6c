package dev.tomp3.platform;

import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests that Tomcat itself rejects before any filter runs (a malformed request line,
 * oversized headers) with a problem, and adds the headers that every response has.
 */
public final class ProblemValve extends ErrorReportValve {
    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        response.setHeader("X-Content-Type-Options", "nosniff");
        super.invoke(request, response);
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
