package dev.tomp3.platform;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request refused: what the caller is told, and when to come back. */
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Problem problem;
    private final @Nullable Duration retryAfter;
    private final transient Map<String, Object> members;

    public ProblemException(Problem problem, String detail) {
        this(problem, detail, null, Map.of());
    }

    public ProblemException(Problem problem, String detail, Duration retryAfter) {
        this(problem, detail, retryAfter, Map.of());
    }

    /**
     * A refusal that says more than the standard members.
     *
     * @param members what programs may read beside them
     */
    public ProblemException(Problem problem, String detail, Map<String, Object> members) {
        this(problem, detail, null, members);
    }

    private ProblemException(
            Problem problem,
            String detail,
            @Nullable Duration retryAfter,
            Map<String, Object> members) {
        super(detail, null, false, false);
        this.problem = problem;
        this.retryAfter = retryAfter;
        this.members = Map.copyOf(members);
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

    public Map<String, Object> members() {
        return members;
    }
}
