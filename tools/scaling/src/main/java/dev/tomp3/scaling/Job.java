package dev.tomp3.scaling;

/** A simulated job. Times are in seconds, work is in seconds of one core. */
final class Job {
    final long id;
    final int owner;
    final double arrived;
    final double work;

    /** The maximum number of cores that it can use. */
    final double maxCores;

    long startTag;
    double remaining;
    double rate;
    double started = Double.NaN;
    double done = Double.NaN;

    Job(long id, int owner, double arrived, double work, double maxCores) {
        this.id = id;
        this.owner = owner;
        this.arrived = arrived;
        this.work = work;
        this.maxCores = maxCores;
        this.remaining = work;
    }
}
