package dev.tomp3.contract.http;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A request refused: what the caller is told, and when to come back. */
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Problem problem;
    private final @Nullable Duration retryAfter;

    public ProblemException(Problem problem, String detail) {
        this(problem, detail, null);
    }

    public ProblemException(Problem problem, String detail, @Nullable Duration retryAfter) {
        super(detail, null, false, false);
        this.problem = problem;
        this.retryAfter = retryAfter;
    }

    public Problem problem() {
        return problem;
    }

    public String detail() {
        return String.valueOf(getMessage());
    }

    public @Nullable Duration retryAfter() {
        return retryAfter;
    }
}
