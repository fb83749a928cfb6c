package dev.tomp3.gateway;

import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Job.Owner;
import dev.tomp3.platform.ApiKey.Scope;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The user who sends a request, as auth described it when it introspected the token; claims of the
 * token itself do not count.
 *
 * @param mail whether mail may be sent to the address
 * @param scopes what the API key of the request may be used for; null if it was a token
 * @param registrationOpen whether anyone may register
 */
record CurrentUser(
        String id,
        String email,
        boolean admin,
        boolean mail,
        @Nullable Set<Scope> scopes,
        boolean registrationOpen) {
    boolean mayTouch(Job job) {
        return admin || job.owner().id().equals(id);
    }

    Owner asOwner() {
        return new Owner(id, email, mail);
    }

    List<String> roles() {
        return admin ? List.of("user", "admin") : List.of("user");
    }
}
