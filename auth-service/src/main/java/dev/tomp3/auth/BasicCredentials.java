package dev.tomp3.auth;

import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.authentication.www.BasicAuthenticationConverter;

/** E-mail address and password of a request, sent as HTTP Basic in UTF-8. */
record BasicCredentials(String name, String password) {
    private static final Logger log = LoggerFactory.getLogger(BasicCredentials.class);
    private static final BasicAuthenticationConverter CONVERTER =
            new BasicAuthenticationConverter();

    /** Empty when there are none, or they are malformed. */
    static Optional<BasicCredentials> of(HttpServletRequest request) {
        try {
            return Optional.ofNullable(CONVERTER.convert(request)).map(BasicCredentials::of);
        } catch (BadCredentialsException e) {
            log.debug("Malformed Basic credentials: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private static BasicCredentials of(Authentication sent) {
        return new BasicCredentials(sent.getName(), String.valueOf(sent.getCredentials()));
    }

    /**
     * @throws ProblemException 401 when there are none
     */
    static BasicCredentials require(HttpServletRequest request) {
        return of(request)
                .orElseThrow(() ->
                        new ProblemException(
                                Problem.BAD_CREDENTIALS,
                                "Send e-mail address and password as HTTP Basic."));
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "BasicCredentials[" + name + "]";
    }
}
