package dev.tomp3.scaling;

import java.util.ArrayList;
import java.util.List;

/**
 * One size of the system, and the load of its parts, in the busiest hour unless stated otherwise.
 * All values follow from the rate of jobs and the {@link Parameters}.
 *
 * @param cores the cores of all converters
 * @param converters pods or processes
 * @param members the members of a MongoDB replica set; 0 if media are files
 * @param rate the mean number of jobs a second
 */
record Step(String name, Parameters p, int converters, int cores, int members, double rate) {
    private static final double DAY = 86_400;
    private static final double MONTH = 365.25 / 12 * DAY;
    private static final double PETABYTE = 1e15;
    static final double CHUNK = 1 << 20;

    static List<Step> all(Parameters p) {
        List<Step> steps = new ArrayList<>();
        int three = (int) p.copies().value();
        steps.add(full("laptop", p, 1, 2, 0));
        steps.add(full("server", p, 1, 16, 1));
        steps.add(full("10 converters", p, 10, 10, three));
        steps.add(petabyte(p));
        steps.add(full("100 converters", p, 100, 100, three));
        steps.add(full("1,000 converters", p, 1000, 1000, three));
        steps.add(full("10,000 converters", p, 10_000, 10_000, three));
        return steps;
    }

    /** The size for a petabyte a month. */
    static Step petabyte(Parameters p) {
        double rate = PETABYTE / MONTH / p.videoBytes();
        int needed =
                (int) Math.ceil(rate * p.peak().value() * p.meanWork() / p.utilisation().value());
        return new Step("1 PB a month", p, needed, needed, (int) p.copies().value(), rate);
    }

    /** The size whose load its cores can just handle. */
    static Step full(String name, Parameters p, int converters, int cores, int members) {
        return new Step(
                name,
                p,
                converters,
                cores,
                members,
                cores * p.utilisation().value() / p.meanWork() / p.peak().value());
    }

    double uploadsPerDay() {
        return rate * DAY;
    }

    double bytesPerMonth() {
        return rate * p.videoBytes() * MONTH;
    }

    double peakRate() {
        return rate * p.peak().value();
    }

    /** Running jobs, by Little's law, with one core each. */
    double converting() {
        return peakRate() * p.meanWork();
    }

    double uploading() {
        return peakRate() * p.videoBytes() / (p.line().value() * 1e6);
    }

    double videoIn() {
        return peakRate() * p.videoBytes();
    }

    double mp3Out() {
        return peakRate() * p.mp3Bytes();
    }

    /** Videos go from clients to the store, and MP3s the other way. */
    double gateways() {
        return videoIn() + mp3Out();
    }

    /** From the primaries to the other members, and to converters and gateways. */
    double primariesOut() {
        return (videoIn() + mp3Out()) * members;
    }

    double memberWrites() {
        return members == 0 ? 0 : (videoIn() + mp3Out()) * p.journal().value();
    }

    /** Bytes on each member. */
    double stored() {
        return rate
                * DAY
                * (p.keepVideo().value() * p.videoBytes() + p.keepMp3().value() * p.mp3Bytes());
    }

    double remembered() {
        return rate * DAY * p.keepJob().value();
    }

    double chunks() {
        return videoIn() / CHUNK + mp3Out() / CHUNK;
    }

    double heartbeats() {
        return converting() * p.heartbeats().value();
    }

    /** Majority writes of small documents: heartbeats, and the transitions of jobs. */
    double writes() {
        double upload = 1 + 2 + 1; // begin, two for the start tag, accept
        double files = 2 * 3; // of video and MP3: registered, complete, unregistered
        double claim = 2; // the job, the virtual time
        double end = 2; // settled, notified
        double retention = 3; // expired, video deleted, job deleted
        return peakRate() * (upload + files + claim + end + retention)
                + heartbeats()
                + uploading() / 2
                + 1
                + 1 / 3.0; // the sweeper
    }

    /**
     * Each claim reads all running jobs, to count them by owner, and skips the jobs that are still
     * being uploaded.
     */
    double listedByClaims() {
        return peakRate() * (converting() + uploading());
    }

    /** A video and an MP3 for each job; on average, because the sweep can delete at night, too. */
    double deletions() {
        return 2 * rate;
    }

    /** Seconds: the ids of all files are listed by the thousand, their jobs read by the hundred. */
    double orphanSearch() {
        double files = rate * DAY * (p.keepVideo().value() + p.keepMp3().value());
        return files * (1 / 1000.0 + 1 / 100.0) * p.read().value() / 1000;
    }

    /** The sweep lists them each second, and again every three seconds. */
    double listedBySweep() {
        return converting() * (1 + 1 / 3.0) + uploading();
    }

    double polls() {
        return (converting() + uploading()) * p.polls().value();
    }

    /** Processes that do not sweep check the lock: two operations, each second and every three. */
    double idleSweepers() {
        return (converters + machines(gateways(), network())) * 2 * (1 + 1 / 3.0);
    }

    /** One wake-up and one notification per job. */
    double messages() {
        return 2 * peakRate();
    }

    /** With one ffmpeg for each core. */
    double converterBytes() {
        return (converters * p.converterMemory().value() + cores * p.ffmpegMemory().value())
                * (1 << 20);
    }

    double gatewayCores() {
        return videoIn() / 1e9 * (p.receive().value() + p.chunkWrite().value())
                + mp3Out() / 1e9 * (p.chunkRead().value() + p.serve().value())
                + polls() * p.token().value() * 1e-6;
    }

    double memberCores() {
        return members == 0 ? 0 : (videoIn() + mp3Out()) / 1e9 * p.storeWrite().value();
    }

    /** A user uploads ten videos a day, and logs in once. */
    double logins() {
        return peakRate() / 10;
    }

    /**
     * A part of the system, and how many of it are needed; 0 if there is none.
     *
     * @param divides whether a second one doubles the capacity
     */
    record Need(String what, double ones, boolean divides) {}

    List<Need> needs() {
        return List.of(
                new Need("gateways, by network", gateways() / network(), true),
                new Need("MongoDB shards, by network out", primariesOut() / network(), true),
                new Need(
                        "MongoDB shards, by disk", memberWrites() / (p.disk().value() * 1e9), true),
                new Need(
                        "embedded MongoDB, by the stored jobs of a user",
                        members == 0 ? remembered() / p.embeddedJobs().value() : 0,
                        false),
                new Need("auth's cores, by logins", logins() * p.login().value(), true),
                new Need(
                        "RabbitMQ clusters, by messages",
                        messages() / p.brokerMessages().value(),
                        true),
                new Need(
                        "queue `video`, by messages",
                        peakRate() / p.queueMessages().value(),
                        false),
                new Need("primary of `jobs`, by writes", writes() / p.updates().value(), false),
                new Need(
                        "primary of `jobs`, by reads of claims",
                        listedByClaims() / p.documents().value(),
                        false),
                new Need(
                        "virtual time of the queue, by claims",
                        peakRate() / p.hot().value(),
                        false),
                new Need(
                        "the search for orphans, by time",
                        orphanSearch() / p.orphans().value(),
                        false),
                new Need(
                        "the retention thread, by deletions",
                        deletions() * p.deletion().value() / 1000,
                        false),
                new Need(
                        "sweep, by listed jobs",
                        listedBySweep() * p.listed().value() * 1e-6,
                        false));
    }

    /** Bytes a second of one machine, each way. */
    private double network() {
        return p.network().value() * 1e9;
    }

    static double machines(double load, double one) {
        return Math.max(1, Math.ceil(load / one));
    }
}
