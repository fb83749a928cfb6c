package dev.tomp3.platform;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.catalina.connector.ClientAbortException;
import org.apache.coyote.BadRequestException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.core.NestedRuntimeException;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.transaction.TransactionException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.ServletWebRequest;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;
import tools.jackson.databind.json.JsonMapper;

/**
 * Turns every refusal and every error into {@code application/problem+json} (RFC 9457) with a type
 * of {@link Problem}. What an exception says stays in the log; the caller reads what {@link
 * Problem} and its detail say.
 */
@RestController
@RestControllerAdvice
public class Problems extends ResponseEntityExceptionHandler implements ErrorController {
    private static final Logger log = LoggerFactory.getLogger(Problems.class);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);
    private static final JsonMapper json = new JsonMapper();

    /** What Spring leaves uncategorized; by name, as not every service has the driver. */
    private static final Set<String> OUTAGES =
            Set.of(
                    "MongoOperationTimeoutException",
                    "MongoConnectionPoolClearedException",
                    "MongoNotPrimaryException",
                    "MongoNodeIsRecoveringException",
                    "MongoWriteConcernException",
                    // Hibernate's, when there is no connection left to commit or roll back on
                    "TransactionException");

    /** Answers outside of Spring MVC: from a filter, or from the servlet container itself. */
    public static void write(
            HttpServletResponse response,
            Problem problem,
            String detail,
            @Nullable Duration retryAfter)
            throws IOException {
        response.setStatus(problem.status());
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        headers(problem, retryAfter)
                .forEach((name, values) -> response.setHeader(name, values.getFirst()));
        byte[] body =
                json.writeValueAsString(body(problem, detail, Map.of()))
                        .getBytes(StandardCharsets.UTF_8);
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }

    @ExceptionHandler
    @Nullable ResponseEntity<Object> refused(ProblemException e) {
        return answer(e.problem(), e.detail(), e.retryAfter(), e.members());
    }

    @ExceptionHandler({DataAccessException.class, TransactionException.class})
    @Nullable ResponseEntity<Object> failed(NestedRuntimeException e, HttpServletResponse response)
            throws Exception {
        if (!outage(e)) return unexpected(e, response);
        log.warn("A store did not answer: {}", e.toString());
        return answer(Problem.UNAVAILABLE, "A store cannot be reached. Try again.", null, Map.of());
    }

    /**
     * The caller's body broke off, or its connection. Mostly there is nobody left to answer; who
     * only went silent must not take an empty answer for success.
     */
    @ExceptionHandler({ClientAbortException.class, BadRequestException.class})
    @Nullable ResponseEntity<Object> brokenOff(IOException e, HttpServletResponse response) {
        log.debug("A request broke off: {}", e.toString());
        if (response.isCommitted()) return null;
        return answer(Problem.MALFORMED_REQUEST, "The request broke off.", null, Map.of());
    }

    /** An answer that has begun cannot be taken back: the connection is closed before its end. */
    @ExceptionHandler
    @Nullable ResponseEntity<Object> unexpected(Exception e, HttpServletResponse response)
            throws Exception {
        if (response.isCommitted()) throw e;
        log.error("A request failed", e);
        return answer(Problem.INTERNAL, "The error has been logged.", null, Map.of());
    }

    /** A store that is away for now, and not a fault of ours that it points out. */
    private static boolean outage(NestedRuntimeException e) {
        return e instanceof DataAccessResourceFailureException
                // a connection that broke under a statement
                || e instanceof RecoverableDataAccessException
                || e instanceof TransientDataAccessException
                || e instanceof TransactionException
                || (e.getCause() != null
                        && OUTAGES.contains(e.getCause().getClass().getSimpleName()));
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleExceptionInternal(
            Exception e,
            @Nullable Object body,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        if (request instanceof ServletWebRequest servlet
                && servlet.getResponse() != null
                && servlet.getResponse().isCommitted()) {
            if (e instanceof HttpMessageNotReadableException)
                log.debug("A request broke off: {}", e.toString());
            else log.warn("A request failed after its answer had begun: {}", e.toString());
            return null;
        }
        if (status.value() == Problem.INTERNAL.status()) log.error("A request failed", e);
        Problem problem = of(status.value());
        ResponseEntity<Object> answer = answer(problem, hint(problem), null, Map.of());
        HttpHeaders all = HttpHeaders.copyOf(answer.getHeaders());
        all.putAll(headers); // Allow, Accept
        all.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
        return new ResponseEntity<>(answer.getBody(), all, answer.getStatusCode());
    }

    /** Where the servlet container sends what no handler has answered. */
    @RequestMapping("${spring.web.error.path:/error}")
    @Nullable ResponseEntity<Object> error(
            HttpServletRequest request, HttpServletResponse response) {
        if (response.isCommitted()) return null; // nothing to be put after half an answer
        Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        Problem problem = status instanceof Integer number ? of(number) : Problem.NOT_FOUND;
        return answer(problem, hint(problem), null, Map.of());
    }

    /** The problem that stands for a status which a framework chose. */
    static Problem of(int status) {
        return switch (status) {
            case 401 -> Problem.UNAUTHENTICATED;
            case 403 -> Problem.FORBIDDEN;
            case 404 -> Problem.NOT_FOUND;
            case 405 -> Problem.METHOD_NOT_ALLOWED;
            case 406 -> Problem.NOT_ACCEPTABLE;
            case 412 -> Problem.PRECONDITION_FAILED;
            case 413 -> Problem.TOO_LARGE;
            case 415 -> Problem.UNSUPPORTED_TYPE;
            case 416 -> Problem.RANGE_NOT_SATISFIABLE;
            case 429 -> Problem.TOO_MANY_REQUESTS;
            case 503 -> Problem.UNAVAILABLE;
            case 501, 505 -> Problem.MALFORMED_REQUEST; // Tomcat's for an encoding, a version
            default -> status < 500 ? Problem.MALFORMED_REQUEST : Problem.INTERNAL;
        };
    }

    static String hint(Problem problem) {
        return switch (problem) {
            case UNAUTHENTICATED ->
                    "Send a token from POST /login as \"Authorization: Bearer TOKEN\".";
            case INTERNAL -> "The error has been logged.";
            case UNAVAILABLE -> "Try again.";
            default -> problem.title() + ".";
        };
    }

    private static ResponseEntity<Object> answer(
            Problem problem,
            String detail,
            @Nullable Duration retryAfter,
            Map<String, Object> members) {
        return ResponseEntity.status(problem.status())
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .headers(headers -> headers.putAll(headers(problem, retryAfter)))
                .body(body(problem, detail, members));
    }

    private static HttpHeaders headers(Problem problem, @Nullable Duration retryAfter) {
        HttpHeaders headers = new HttpHeaders();
        if (problem.status() == 401) {
            headers.set(
                    HttpHeaders.WWW_AUTHENTICATE,
                    problem == Problem.BAD_CREDENTIALS
                            ? "Basic realm=\"tomp3\", charset=\"UTF-8\""
                            : "Bearer");
        }
        Duration wait =
                retryAfter == null && problem == Problem.UNAVAILABLE ? RETRY_AFTER : retryAfter;
        if (wait != null) {
            headers.set(
                    HttpHeaders.RETRY_AFTER,
                    Long.toString(Math.max(1, wait.plusMillis(999).toSeconds())));
        }
        return headers;
    }

    private static Map<String, Object> body(
            Problem problem, String detail, Map<String, Object> members) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("type", problem.type());
        body.put("title", problem.title());
        body.put("status", problem.status());
        body.put("detail", detail);
        body.putAll(members);
        return body;
    }
}
