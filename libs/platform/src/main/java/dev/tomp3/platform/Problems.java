package dev.tomp3.platform;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.apache.catalina.connector.ClientAbortException;
import org.apache.coyote.BadRequestException;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.core.NestedRuntimeException;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.http.converter.json.ProblemDetailJacksonMixin;
import org.springframework.transaction.TransactionException;
import org.springframework.util.InvalidMimeTypeException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.ServletWebRequest;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;
import tools.jackson.databind.json.JsonMapper;

/**
 * Answers every error with {@code application/problem+json} (RFC 9457) and a type of {@link
 * Problem}. The message of an unexpected exception is logged and never sent.
 */
@RestController
@RestControllerAdvice
public class Problems extends ResponseEntityExceptionHandler implements ErrorController {
    private static final Logger log = LoggerFactory.getLogger(Problems.class);
    private static final JsonMapper json =
            JsonMapper.builder()
                    .addMixIn(ProblemDetail.class, ProblemDetailJacksonMixin.class)
                    .build();

    /** Hibernate's, when there is no connection left to commit or roll back on. */
    private static final String NO_CONNECTION = "TransactionException";

    /** Of the driver, by name, as not every service has it; what a bug causes is translated. */
    private static final String MONGODB = "com.mongodb.Mongo";

    /** Writes a problem outside of Spring MVC: in a filter or in the servlet container. */
    public static void write(HttpServletResponse response, Problem problem) throws IOException {
        write(response, new ProblemException(problem));
    }

    public static void write(HttpServletResponse response, ProblemException e) throws IOException {
        response.setStatus(e.getStatusCode().value());
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        e.getHeaders().forEach((name, values) -> response.setHeader(name, values.getFirst()));
        byte[] body = json.writeValueAsBytes(e.getBody());
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }

    @ExceptionHandler({DataAccessException.class, TransactionException.class})
    @Nullable ResponseEntity<Object> failed(NestedRuntimeException e, HttpServletResponse response)
            throws Exception {
        if (isFull(e)) {
            log.warn("A store has no space: {}", e.toString());
            return entity(
                    new ProblemException(
                            Problem.DISK_FULL,
                            "The disk of this server is full. Try again later."));
        }
        if (!isOutage(e)) return unexpected(e, response);
        log.warn("A store did not respond: {}", e.toString());
        return entity(
                new ProblemException(Problem.UNAVAILABLE, "A store is unavailable. Try again."));
    }

    /**
     * The request body was incomplete or the connection broke. Usually no client is left to read
     * the response; one that only stopped sending must not take an empty response for a success.
     */
    @ExceptionHandler({ClientAbortException.class, BadRequestException.class})
    @Nullable ResponseEntity<Object> aborted(IOException e, HttpServletResponse response) {
        log.debug("A request was aborted: {}", e.toString());
        if (response.isCommitted()) return null;
        return entity(
                new ProblemException(Problem.MALFORMED_REQUEST, "The request was incomplete."));
    }

    /** A query that is not encoded correctly; Tomcat throws it when a parameter is first read. */
    @ExceptionHandler
    ResponseEntity<Object> malformed(InvalidParameterException e) {
        log.debug("A query was malformed: {}", e.toString());
        return entity(new ProblemException(Problem.of(e.getErrorCode())));
    }

    /** Spring Boot's endpoints read {@code Accept} themselves. */
    @ExceptionHandler
    ResponseEntity<Object> notAcceptable(InvalidMimeTypeException e) {
        log.debug("A media type was malformed: {}", e.toString());
        return entity(new ProblemException(Problem.of(HttpStatus.NOT_ACCEPTABLE.value())));
    }

    /** A response that has begun cannot be replaced: the connection is closed instead. */
    @ExceptionHandler
    @Nullable ResponseEntity<Object> unexpected(Exception e, HttpServletResponse response)
            throws Exception {
        if (response.isCommitted()) throw e;
        log.error("A request failed", e);
        return entity(new ProblemException(Problem.INTERNAL));
    }

    /** MongoDB's error 14031, by its name, as not every service has the driver. */
    private static boolean isFull(NestedRuntimeException e) {
        return String.valueOf(e.getMessage()).contains("OutOfDiskSpace")
                || String.valueOf(e.getMessage()).contains("disk of this server is full");
    }

    /** Whether a store is temporarily unavailable; the alternative is a bug. */
    private static boolean isOutage(NestedRuntimeException e) {
        return e instanceof DataAccessResourceFailureException
                // a connection that broke during a statement
                || e instanceof RecoverableDataAccessException
                || e instanceof TransientDataAccessException
                || e instanceof TransactionException
                || ReadOnlyServer.causedBy(e)
                || (!(e instanceof DataIntegrityViolationException)
                        && e.getCause() != null
                        && isOutage(e.getCause().getClass()));
    }

    private static boolean isOutage(Class<?> cause) {
        return cause.getName().startsWith(MONGODB) || cause.getSimpleName().equals(NO_CONNECTION);
    }

    /** All exceptions of Spring MVC come here, {@link ProblemException} included. */
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
            // the client is gone: its upload could not be read, and no answer can reach it
            boolean aborted =
                    e instanceof HttpMessageNotReadableException
                            || (e instanceof ProblemException problem
                                    && problem.problem() == Problem.MALFORMED_REQUEST);
            if (aborted) log.debug("A request was aborted: {}", e.toString());
            else log.warn("A request failed after its response had begun: {}", e.toString());
            return null;
        }
        if (e instanceof ProblemException problem) return entity(problem);
        if (status.value() == Problem.INTERNAL.status()) log.error("A request failed", e);
        ProblemException problem = new ProblemException(Problem.of(status.value()));
        problem.getHeaders().putAll(headers); // Allow, Accept
        return entity(problem);
    }

    /** Handles the errors that the servlet container dispatches here. */
    @RequestMapping("${spring.web.error.path:/error}")
    @Nullable ResponseEntity<Object> error(
            HttpServletRequest request, HttpServletResponse response) {
        if (response.isCommitted()) return null; // part of another response has been sent
        Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        return entity(
                new ProblemException(
                        status instanceof Integer number ? Problem.of(number) : Problem.NOT_FOUND));
    }

    private static ResponseEntity<Object> entity(ProblemException e) {
        return ResponseEntity.status(e.getStatusCode())
                .headers(e.getHeaders())
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(e.getBody());
    }
}
