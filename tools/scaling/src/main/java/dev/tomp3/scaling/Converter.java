package dev.tomp3.scaling;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A simulated converter: its jobs, and how they share its cores. */
final class Converter {
    final List<Job> jobs = new ArrayList<>();
    final double began;

    /** Incremented by each plan, which makes the events of earlier plans void. */
    int version;

    boolean leaving;
    boolean gone;
    private double planned;

    Converter(double began) {
        this.began = began;
    }

    /** Performs the work since the last plan, and returns it. */
    double advance(double now) {
        double work = 0;
        for (Job job : jobs) {
            double done = job.rate * (now - planned);
            job.remaining -= done;
            work += done;
        }
        planned = now;
        return work;
    }

    /** Assigns the cores to the jobs, and returns the job that is done first. */
    @Nullable Job share(double cores) {
        version++;
        assign(cores);
        Job first = null;
        for (Job job : jobs) {
            if (first == null || job.remaining / job.rate < first.remaining / first.rate) {
                first = job;
            }
        }
        return first;
    }

    private void assign(double cores) {
        double free = cores;
        int left = jobs.size();
        for (Job job : jobs) job.rate = 0;
        boolean changed = true;
        while (changed) {
            changed = false;
            for (Job job : jobs) {
                if (job.rate == 0 && job.maxCores <= free / left) {
                    job.rate = job.maxCores;
                    free -= job.maxCores;
                    left--;
                    changed = true;
                }
            }
        }
        for (Job job : jobs) if (job.rate == 0) job.rate = free / left;
    }
}
