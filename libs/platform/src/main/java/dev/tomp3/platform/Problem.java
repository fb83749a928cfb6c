package dev.tomp3.platform;

import java.util.Locale;

/**
 * The reasons for which a request is rejected, each with its status and with a stable code that
 * clients may rely on, as {@code urn:tomp3:<code>}. A test compares the table in {@code
 * docs/api.md}.
 */
public enum Problem {
    MALFORMED_REQUEST(400, "The request cannot be parsed"),
    INVALID_EMAIL(400, "The e-mail address is not valid"),
    INVALID_PASSWORD(400, "The password is too short, too long or too common"),
    INVALID_ROLES(400, "A role is unknown"),
    INVALID_OPTIONS(400, "The options cannot be combined"),
    OPTION_AFTER_FILE(400, "An option follows the file"),
    NOT_ONE_FILE(400, "The upload does not have exactly one file part"),
    INVALID_METADATA(400, "The metadata of the upload cannot be parsed"),
    EMPTY_FILE(400, "The file is empty"),
    MISSING_PARAMETER(400, "A required parameter is missing"),
    INVALID_CURSOR(400, "The cursor does not belong to this list"),
    INVALID_KEY(400, "The name, a scope or the expiry of the key is not valid"),
    INVALID_WEBHOOK(400, "The URL, an event or the description of the webhook is not valid"),
    UNAUTHENTICATED(401, "A valid token is required"),
    BAD_CREDENTIALS(401, "The e-mail address or the password is wrong"),
    TOKEN_TOO_OLD(401, "A token of the last ten minutes is required"),
    FORBIDDEN(403, "The operation is reserved to administrators"),
    PASSWORD_CHANGE_REQUIRED(403, "The one-time password must be changed"),
    REGISTRATION_CLOSED(403, "Registration is closed"),
    INSUFFICIENT_SCOPE(403, "The API key does not have the required scope"),
    CROSS_SITE(403, "The request comes from another site"),
    BAD_LINK(403, "The link is not valid"),
    NOT_FOUND(404, "Not found"),
    METHOD_NOT_ALLOWED(405, "The resource does not support this method"),
    NOT_ACCEPTABLE(406, "None of the accepted types is available"),
    EMAIL_TAKEN(409, "The address already has an account"),
    LAST_ADMINISTRATOR(409, "The last administrator cannot be removed"),
    NOT_READY(409, "The MP3 is not available yet"),
    UPLOAD_CANCELLED(409, "The upload was cancelled"),
    OFFSET_MISMATCH(409, "The upload is not at this offset"),
    UPLOAD_SUPERSEDED(409, "A newer request continues the upload"),
    TOO_MANY_KEYS(409, "The user has too many API keys"),
    TOO_MANY_WEBHOOKS(409, "The user has too many webhooks"),
    WEBHOOK_DISABLED(409, "The webhook is disabled"),
    GONE(410, "The MP3 was deleted"),
    UPLOAD_GONE(410, "The upload has expired, or was cancelled"),
    LINK_EXPIRED(410, "The link has expired"),
    PRECONDITION_FAILED(412, "The MP3 is not the requested version"),
    UNSUPPORTED_TUS_VERSION(412, "The server has another version of the tus protocol"),
    TOO_LARGE(413, "The file is too large"),
    UNSUPPORTED_TYPE(415, "The resource requires another content type"),
    NOT_MEDIA(415, "The file is not in an accepted audio or video format"),
    RANGE_NOT_SATISFIABLE(416, "The range is outside of the MP3"),
    MISDIRECTED(421, "The request is for another host"),
    IDEMPOTENCY_KEY_REUSED(422, "The Idempotency-Key belongs to another upload"),
    TOO_MANY_REQUESTS(429, "Too many requests"),
    TOO_MANY_STREAMS(429, "Too many event streams of this user are open"),
    TOO_MANY_JOBS(429, "Too many jobs of this user are waiting"),
    TOO_MANY_UPLOADS(429, "Too many uploads of this user are not complete"),
    CHECKSUM_MISMATCH(460, "The bytes do not have this checksum"),
    INTERNAL(500, "Internal error"),
    UNAVAILABLE(503, "A dependency is unavailable"),
    QUOTA_EXCEEDED(507, "The user's storage quota is exceeded"),
    DISK_FULL(507, "The server's storage is full");

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

    /** The detail where there is nothing more specific. */
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
