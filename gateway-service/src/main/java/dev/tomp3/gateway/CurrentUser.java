package dev.tomp3.gateway;

import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Job.Owner;

/**
 * Who is calling, as auth says: the roles that count are those of its verdict, not those in the
 * token.
 *
 * @param id the user's
 * @param mail whether the address may be written to
 */
record CurrentUser(String id, String email, boolean admin, boolean mail) {
    boolean mayTouch(Job job) {
        return admin || job.owner().id().equals(id);
    }

    Owner asOwner() {
        return new Owner(id, email, mail);
    }
}
