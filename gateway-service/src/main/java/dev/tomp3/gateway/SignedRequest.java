package dev.tomp3.gateway;

import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Instant;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;

/** What requests with a signed link have in common. */
final class SignedRequest {
    /** The paths of signed links, which need no other login. */
    static final String[] PATHS = {"/d/", "/d/{id}", "/archives/", "/archives/{id}"};

    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,11}");

    private SignedRequest() {}

    /** A link with the scheme and the host that this client uses. */
    static String address(HttpServletRequest request, String link) {
        return ServletUriComponentsBuilder.fromContextPath(request).toUriString() + link;
    }

    /** The signature must reach neither another site nor a search engine. */
    static void protect(HttpServletResponse response) {
        response.setHeader("Referrer-Policy", "no-referrer");
        response.setHeader("X-Robots-Tag", "noindex");
    }

    /**
     * @throws ProblemException 403 when it is not a time
     */
    static long expiry(@Nullable String seconds) {
        if (seconds == null || !SECONDS.matcher(seconds).matches()) throw badLink();
        return Long.parseLong(seconds);
    }

    /**
     * @throws ProblemException 410 when the link has expired
     */
    static void requireValidAt(Instant now, long expiry) {
        if (now.getEpochSecond() >= expiry) throw expired();
    }

    static ProblemException expired() {
        return new ProblemException(
                Problem.LINK_EXPIRED, "The link has expired. Ask its sender for another one.");
    }

    static ProblemException badLink() {
        return new ProblemException(Problem.BAD_LINK, "The link is not complete, or was changed.");
    }
}
