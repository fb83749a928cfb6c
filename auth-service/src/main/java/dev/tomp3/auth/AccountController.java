package dev.tomp3.auth;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "Account", description = "The account of the current user")
class AccountController {
    private static final Logger log = LoggerFactory.getLogger(AccountController.class);

    private final Users users;
    private final PasswordAuthenticator authenticator;
    private final Passwords passwords;
    private final RegistrationThrottle registrations;
    private final AuthProperties properties;
    private final Clock clock;

    AccountController(
            Users users,
            PasswordAuthenticator authenticator,
            Passwords passwords,
            RegistrationThrottle registrations,
            AuthProperties properties,
            Clock clock) {
        this.users = users;
        this.authenticator = authenticator;
        this.passwords = passwords;
        this.registrations = registrations;
        this.properties = properties;
        this.clock = clock;
    }

    record Registration(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED, example = "ann@example.org")
                    @Nullable String email,
            @Schema(
                            requiredMode = Schema.RequiredMode.REQUIRED,
                            minLength = 8,
                            maxLength = 128,
                            example = "correct horse battery staple")
                    @Nullable String password) {
        /** Without the password. */
        @Override
        public String toString() {
            return "Registration[" + email + "]";
        }
    }

    record Registered(String id, String email) {}

    record RegistrationState(@Schema(description = "whether anyone may register") boolean open) {}

    record PasswordChange(
            @Schema(name = "old", description = "required with a token") @Nullable String old,
            @Schema(
                            name = "new",
                            requiredMode = Schema.RequiredMode.REQUIRED,
                            minLength = 8,
                            maxLength = 128)
                    @JsonProperty("new")
                    @Nullable String replacement) {
        /** Without the passwords. */
        @Override
        public String toString() {
            return "PasswordChange";
        }
    }

    @Operation(
            operationId = "register",
            summary = "Register an account, if registration is open",
            description = "No mail is sent to its address until the address is confirmed.")
    @ApiResponse(responseCode = "201", description = "Registered")
    @ApiResponse(responseCode = "400", description = "invalid-email, invalid-password")
    @ApiResponse(responseCode = "403", description = "registration-closed")
    @ApiResponse(responseCode = "409", description = "email-taken")
    @ApiResponse(
            responseCode = "429",
            description = "too-many-requests: too many registrations from one address")
    @PostMapping(path = "/register", produces = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.CREATED)
    Registered register(@RequestBody Registration registration, HttpServletRequest request) {
        if (!properties.registrationOpen()) {
            throw new ProblemException(
                    Problem.REGISTRATION_CLOSED, "Ask an administrator for an account.");
        }
        EmailAddress email = EmailAddress.require(registration.email());
        String password = Objects.requireNonNullElse(registration.password(), "");
        Passwords.requireAcceptable(password);
        registrations.count(request.getRemoteAddr());
        users.requireFree(email);
        String hash = passwords.hash(password, request.getRemoteAddr());
        User user = users.add(new User(email, hash, false, false, clock.instant()));
        log.info("Registered user={} email={}", user.id(), user.email());
        return new Registered(user.id(), user.email());
    }

    @Operation(operationId = "showRegistration", summary = "Show whether anyone may register")
    @ApiResponse(responseCode = "200")
    @GetMapping(path = "/register", produces = MediaType.APPLICATION_JSON_VALUE)
    RegistrationState registration() {
        return new RegistrationState(properties.registrationOpen());
    }

    @Operation(
            operationId = "changePassword",
            summary = "Change the password of the current user",
            description =
                    "Revokes every token and API key so far, including this token. A user without a"
                        + " token, who has a one-time password, sends address and password as HTTP"
                        + " Basic instead of \"old\".")
    @ApiResponse(responseCode = "204", description = "Changed")
    @ApiResponse(responseCode = "400", description = "invalid-password")
    @ApiResponse(
            responseCode = "401",
            description = "unauthenticated, or bad-credentials: the old password is wrong")
    @ApiResponse(responseCode = "403", description = "insufficient-scope: sent with an API key")
    @ApiResponse(responseCode = "429", description = "too-many-requests: too many passwords")
    @SecurityRequirement(name = ApiDescription.BEARER)
    @SecurityRequirement(name = ApiDescription.BASIC)
    @PostMapping("/password")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void changePassword(
            @AuthenticationPrincipal @Nullable TokenIntrospection current,
            @RequestBody PasswordChange change,
            HttpServletRequest request) {
        String address = request.getRemoteAddr();
        String replacement = Objects.requireNonNullElse(change.replacement(), "");
        Passwords.requireAcceptable(replacement);
        User user;
        if (current == null) {
            BasicCredentials sent =
                    BasicCredentials.of(request)
                            .orElseThrow(() -> new ProblemException(Problem.UNAUTHENTICATED));
            user = authenticator.authenticate(sent.name(), sent.password(), address);
        } else {
            String old = Objects.requireNonNullElse(change.old(), "");
            user = authenticator.authenticate(current.email(), old, address);
        }
        String hash = passwords.hash(replacement, address);
        if (!users.replacePassword(user.id(), user.passwordHash(), hash)) {
            throw new ProblemException(
                    Problem.BAD_CREDENTIALS, "The password was changed in the meantime.");
        }
        log.info("Changed the password of user={} from={}", user.id(), address);
    }
}
