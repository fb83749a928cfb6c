package dev.tomp3.platform;

import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;

/**
 * What Tomcat itself refuses, before any filter runs (a malformed request line, oversized headers),
 * as a problem. And what every answer has, whoever gives it.
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
                // a bare status is no error to Tomcat, and yet has to be said why
                || (response.isError() && !response.setErrorReported())) return;
        Problem problem = Problems.of(response.getStatus());
        try {
            Problems.write(response, problem, Problems.hint(problem), null);
            response.finishResponse();
        } catch (IOException | IllegalStateException e) {
            container.getLogger().debug("The caller went away", e);
        }
    }
}
