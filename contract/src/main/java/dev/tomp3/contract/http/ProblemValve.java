package dev.tomp3.contract.http;

import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;

/**
 * What Tomcat itself refuses, before any filter runs (a malformed request line, oversized headers),
 * as a problem.
 */
public final class ProblemValve extends ErrorReportValve {
    @Override
    protected void report(Request request, Response response, @Nullable Throwable throwable) {
        if (response.getStatus() < 400
                || response.getContentWritten() > 0
                || !response.setErrorReported()) return;
        Problem problem = Problems.of(response.getStatus());
        try {
            Problems.write(response, problem, Problems.hint(problem), null);
            response.finishResponse();
        } catch (IOException | IllegalStateException e) {
            container.getLogger().debug("The caller went away", e);
        }
    }
}
