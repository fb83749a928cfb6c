package dev.tomp3.platform;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/** A rejected request: the problem that the client gets, with its headers. */
public final class ProblemException extends ErrorResponseException {
    private static final long serialVersionUID = 1L;
    private static final Duration DEFAULT_RETRY_AFTER = Duration.ofSeconds(5);

    private final Problem problem;

    /** With a detail that says no more than the problem itself. */
    public ProblemException(Problem problem) {
        this(problem, problem.detail());
    }

    public ProblemException(Problem problem, String detail) {
        this(problem, detail, null, Map.of());
    }

    /**
     * @param retryAfter rounded up to seconds
     */
    public ProblemException(Problem problem, String detail, Duration retryAfter) {
        this(problem, detail, retryAfter, Map.of());
    }

    /**
     * @param members further members of the problem, for programs
     */
    public ProblemException(Problem problem, String detail, Map<String, Object> members) {
        this(problem, detail, null, members);
    }

    private ProblemException(
            Problem problem,
            String detail,
            @Nullable Duration retryAfter,
            Map<String, Object> members) {
        super(HttpStatusCode.valueOf(problem.status()), new Body(problem, detail, members), null);
        this.problem = problem;
        if (problem.status() == 401) {
            getHeaders()
                    .set(
                            HttpHeaders.WWW_AUTHENTICATE,
                            switch (problem) {
                                case BAD_CREDENTIALS -> "Basic realm=\"tomp3\", charset=\"UTF-8\"";
                                // RFC 9470
                                case TOKEN_TOO_OLD ->
                                        "Bearer error=\"insufficient_user_authentication\","
                                                + " max_age=\"600\"";
                                default -> "Bearer";
                            });
        }
        Duration wait =
                retryAfter == null && problem == Problem.UNAVAILABLE
                        ? DEFAULT_RETRY_AFTER
                        : retryAfter;
        if (wait != null) {
            getHeaders()
                    .set(
                            HttpHeaders.RETRY_AFTER,
                            Long.toString(Math.max(1, wait.plusMillis(999).toSeconds())));
        }
    }

    public Problem problem() {
        return problem;
    }

    /** A rejected request must cost little, and its stack trace is of no interest. */
    @Override
    public Throwable fillInStackTrace() {
        return this;
    }

    /** Without {@code instance}, which Spring MVC would fill with the path of the request. */
    @JsonPropertyOrder({"type", "title", "status", "detail"})
    private static final class Body extends ProblemDetail {
        private static final long serialVersionUID = 1L;

        Body(Problem problem, String detail, Map<String, Object> members) {
            super(problem.status());
            setType(URI.create(problem.type()));
            setTitle(problem.title());
            setDetail(detail);
            members.forEach(this::setProperty);
        }

        @Override
        public void setInstance(@Nullable URI instance) {}
    }
}
