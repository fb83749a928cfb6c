package dev.tomp3.gateway;

import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Job.Owner;

/**
 * The user who sends a request, as auth described it when it introspected the token; claims of the
 * token itself do not count.
 *
 * @param mail whether mail may be sent to the address
 */
record CurrentUser(String id, String email, boolean admin, boolean mail) {
    boolean mayTouch(Job job) {
        return admin || job.owner().id().equals(id);
    }

    Owner asOwner() {
        return new Owner(id, email, mail);
    }
}
