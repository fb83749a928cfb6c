package dev.tomp3.gateway;

import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/** Finds jobs for a user. Another user's job is as unknown as one that never existed. */
@Component
class JobAccess {
    private static final Pattern ID = Pattern.compile("[0-9a-f]{24}");

    private final Jobs jobs;

    JobAccess(Jobs jobs) {
        this.jobs = jobs;
    }

    static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    /**
     * The job of this id.
     *
     * @throws ProblemException 404 when the user may not see such a job
     */
    Job find(String id, CurrentUser user) {
        if (!isId(id)) throw unknown();
        return jobs.find(id).filter(user::mayTouch).orElseThrow(JobAccess::unknown);
    }

    private static ProblemException unknown() {
        return new ProblemException(Problem.NOT_FOUND, "You have no job of that id.");
    }
}
