package dev.tomp3.scaling;

/** One job on its way through the simulation. Times in seconds, work in seconds of one core. */
final class Job {
    final long id;
    final int owner;
    final double arrived;
    final double work;

    /** How many cores it can use at once. */
    final double widest;

    long turn;
    double rest;
    double rate;
    double begun = Double.NaN;
    double done = Double.NaN;

    Job(long id, int owner, double arrived, double work, double widest) {
        this.id = id;
        this.owner = owner;
        this.arrived = arrived;
        this.work = work;
        this.widest = widest;
        this.rest = work;
    }
}
