package dev.tomp3.platform;

import java.util.Locale;

/**
 * Every way a request can be refused: the status, and the stable code that scripts may rely on as
 * {@code urn:tomp3:<code>}. The table in {@code docs/api.md} is checked against this list.
 */
public enum Problem {
    MALFORMED_REQUEST(400, "The request cannot be understood"),
    INVALID_EMAIL(400, "Not an e-mail address"),
    INVALID_PASSWORD(400, "A password has 8 to 128 characters"),
    INVALID_ROLES(400, "Unknown roles"),
    INVALID_OPTIONS(400, "These options do not go together"),
    OPTION_AFTER_FILE(400, "Options come before the file"),
    NOT_ONE_FILE(400, "An upload has exactly one file part"),
    EMPTY_FILE(400, "The file is empty"),
    MISSING_PARAMETER(400, "A parameter is missing"),
    INVALID_CURSOR(400, "Not a cursor of this list"),
    UNAUTHENTICATED(401, "A valid token is needed"),
    BAD_CREDENTIALS(401, "Wrong e-mail address or password"),
    FORBIDDEN(403, "Only for administrators"),
    REGISTRATION_CLOSED(403, "Registration is closed"),
    NOT_FOUND(404, "There is no such thing"),
    METHOD_NOT_ALLOWED(405, "This address does not take that method"),
    NOT_ACCEPTABLE(406, "None of the accepted types can be given"),
    EMAIL_TAKEN(409, "The address has an account already"),
    LAST_ADMINISTRATOR(409, "One administrator must remain"),
    NOT_READY(409, "The MP3 is not there"),
    GONE(410, "The MP3 is no longer there"),
    PRECONDITION_FAILED(412, "The MP3 is not the one that was asked for"),
    TOO_LARGE(413, "The file is too large"),
    UNSUPPORTED_TYPE(415, "This address takes another content type"),
    NOT_MEDIA(415, "The file is neither audio nor video that is accepted"),
    RANGE_NOT_SATISFIABLE(416, "The MP3 ends before that range"),
    TOO_MANY_REQUESTS(429, "Too many requests"),
    TOO_MANY_JOBS(429, "Too many jobs wait already"),
    INTERNAL(500, "Something went wrong here"),
    UNAVAILABLE(503, "A part of the system cannot be reached"),
    QUOTA_EXCEEDED(507, "You have too much stored here already"),
    DISK_FULL(507, "There is no room left here");

    private final int status;
    private final String title;

    Problem(int status, String title) {
        this.status = status;
        this.title = title;
    }

    public int status() {
        return status;
    }

    public String title() {
        return title;
    }

    /** The problem for a status code that a framework chose. */
    static Problem of(int status) {
        return switch (status) {
            case 401 -> UNAUTHENTICATED;
            case 403 -> FORBIDDEN;
            case 404 -> NOT_FOUND;
            case 405 -> METHOD_NOT_ALLOWED;
            case 406 -> NOT_ACCEPTABLE;
            case 412 -> PRECONDITION_FAILED;
            case 413 -> TOO_LARGE;
            case 415 -> UNSUPPORTED_TYPE;
            case 416 -> RANGE_NOT_SATISFIABLE;
            case 429 -> TOO_MANY_REQUESTS;
            case 503 -> UNAVAILABLE;
            case 501, 505 -> MALFORMED_REQUEST; // Tomcat's for an unknown encoding or version
            default -> status < 500 ? MALFORMED_REQUEST : INTERNAL;
        };
    }

    /** What a client is told where there is nothing more specific to say. */
    String detail() {
        return switch (this) {
            case UNAUTHENTICATED ->
                    "Send a token from POST /login as \"Authorization: Bearer TOKEN\".";
            case INTERNAL -> "The error has been logged.";
            case UNAVAILABLE -> "Try again.";
            default -> title + ".";
        };
    }

    /** In lower case, with hyphens: {@code not-media}. */
    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public String type() {
        return "urn:tomp3:" + code();
    }
}
