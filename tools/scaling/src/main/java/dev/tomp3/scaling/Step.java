package dev.tomp3.scaling;

import java.util.ArrayList;
import java.util.List;

/**
 * One size of the system, and what its parts have to do in the busiest hour unless it says
 * otherwise. All follows from the jobs a second and the {@link Figures}.
 *
 * @param cores of all converters together
 * @param converters pods, or processes
 * @param members of a MongoDB replica set; 0 where media are files
 * @param rate jobs a second, on average
 */
record Step(String name, Figures f, int converters, int cores, int members, double rate) {
    private static final double DAY = 86_400;
    private static final double MONTH = 365.25 / 12 * DAY;
    private static final double PETABYTE = 1e15;
    static final double CHUNK = 1 << 20;

    static List<Step> all(Figures f) {
        List<Step> steps = new ArrayList<>();
        int three = (int) f.copies().value();
        steps.add(full("laptop", f, 1, 2, 0));
        steps.add(full("server", f, 1, 16, 1));
        steps.add(full("10 converters", f, 10, 10, three));
        steps.add(petabyte(f));
        steps.add(full("100 converters", f, 100, 100, three));
        steps.add(full("1,000 converters", f, 1000, 1000, three));
        steps.add(full("10,000 converters", f, 10_000, 10_000, three));
        return steps;
    }

    /** What a petabyte a month needs. */
    static Step petabyte(Figures f) {
        double rate = PETABYTE / MONTH / f.videoBytes();
        int needed =
                (int) Math.ceil(rate * f.peak().value() * f.meanWork() / f.utilisation().value());
        return new Step("1 PB a month", f, needed, needed, (int) f.copies().value(), rate);
    }

    /** As much to do as its cores allow. */
    static Step full(String name, Figures f, int converters, int cores, int members) {
        return new Step(
                name,
                f,
                converters,
                cores,
                members,
                cores * f.utilisation().value() / f.meanWork() / f.peak().value());
    }

    // ---- what comes

    double uploadsPerDay() {
        return rate * DAY;
    }

    double bytesPerMonth() {
        return rate * f.videoBytes() * MONTH;
    }

    double peakRate() {
        return rate * f.peak().value();
    }

    /** Jobs at a time, by Little's law; each has one core then. */
    double converting() {
        return peakRate() * f.meanWork();
    }

    double uploading() {
        return peakRate() * f.videoBytes() / (f.line().value() * 1e6);
    }

    // ---- bytes

    double videoIn() {
        return peakRate() * f.videoBytes();
    }

    double mp3Out() {
        return peakRate() * f.mp3Bytes();
    }

    /** Both ways carry the videos: in from clients, out to the store. MP3s go the other way. */
    double gateways() {
        return videoIn() + mp3Out();
    }

    /** Out of the primaries: to each other member; videos to converters and MP3s to gateways. */
    double primariesOut() {
        return (videoIn() + mp3Out()) * members;
    }

    double memberWrites() {
        return members == 0 ? 0 : (videoIn() + mp3Out()) * f.journal().value();
    }

    /** On each member. */
    double stored() {
        return rate
                * DAY
                * (f.keepVideo().value() * f.videoBytes() + f.keepMp3().value() * f.mp3Bytes());
    }

    double remembered() {
        return rate * DAY * f.keepJob().value();
    }

    double chunks() {
        return videoIn() / CHUNK + mp3Out() / CHUNK;
    }

    // ---- jobs, and what is asked of them

    double beats() {
        return converting() * f.beats().value();
    }

    /** Majority writes of small documents, of both kinds of beats and of a job's way. */
    double writes() {
        double upload = 1 + 2 + 1; // begin, the turn's two, accept
        double files = 2 * 3; // of video and MP3: named, whole, named no more
        double claim = 2; // the job, the clock of turns
        double end = 2; // settled, announced
        double retention = 3; // expired, video deleted, forgotten
        return peakRate() * (upload + files + claim + end + retention)
                + beats()
                + uploading() / 2
                + 1
                + 1 / 3.0; // the sweeper
    }

    /**
     * Each claim lists all that are converting, to know their owners; and it passes those being
     * uploaded, as they have the first turns.
     */
    double listedByClaims() {
        return peakRate() * (converting() + uploading());
    }

    /** A video and an MP3 for each job, on average: the sweeper can do it at night, too. */
    double deletions() {
        return 2 * rate;
    }

    /** The look for orphans asks for the job of each MP3. */
    double mp3s() {
        return rate * DAY * f.keepMp3().value();
    }

    /** The sweep does so each second, and again each third one. */
    double listedBySweep() {
        return converting() * (1 + 1 / 3.0) + uploading();
    }

    double polls() {
        return (converting() + uploading()) * f.polls().value();
    }

    /** Whoever does not sweep asks who does: two operations, each second and each third. */
    double idleSweepers() {
        return (converters + machines(gateways(), network())) * 2 * (1 + 1 / 3.0);
    }

    /** One to wake, one to tell, each published and consumed. */
    double messages() {
        return 2 * peakRate();
    }

    /** With an ffmpeg for each core. */
    double converterBytes() {
        return (converters * f.converterMemory().value() + cores * f.ffmpegMemory().value())
                * (1 << 20);
    }

    // ---- cores beside the converters'

    double gatewayCores() {
        return videoIn() / 1e9 * (f.receive().value() + f.chunkWrite().value())
                + mp3Out() / 1e9 * (f.chunkRead().value() + f.serve().value())
                + polls() * f.token().value() * 1e-6;
    }

    double memberCores() {
        return members == 0 ? 0 : (videoIn() + mp3Out()) / 1e9 * f.storeWrite().value();
    }

    /** A user sends ten videos on a day, and logs in once. */
    double logins() {
        return peakRate() / 10;
    }

    // ---- in units of what one of each can do

    /**
     * A part of the system, and how many of it are needed; 0 where there is none.
     *
     * @param divides whether two do twice as much, as the system is now
     */
    record Need(String what, double ones, boolean divides) {}

    List<Need> needs() {
        return List.of(
                new Need("gateways, by network", gateways() / network(), true),
                new Need("MongoDB shards, by network out", primariesOut() / network(), true),
                new Need(
                        "MongoDB shards, by disk", memberWrites() / (f.disk().value() * 1e9), true),
                new Need(
                        "embedded MongoDB, by a user's jobs remembered",
                        members == 0 ? remembered() / f.embeddedJobs().value() : 0,
                        false),
                new Need("auth's cores, by logins", logins() * f.login().value(), true),
                new Need(
                        "RabbitMQ clusters, by messages",
                        messages() / f.brokerMessages().value(),
                        true),
                new Need(
                        "queue `video`, by messages",
                        peakRate() / f.queueMessages().value(),
                        false),
                new Need("primary of `jobs`, by writes", writes() / f.updates().value(), false),
                new Need(
                        "primary of `jobs`, by what claims read",
                        listedByClaims() / f.documents().value(),
                        false),
                new Need("clock of turns, by claims", peakRate() / f.hot().value(), false),
                new Need(
                        "the look for orphans, in its time",
                        mp3s() * f.read().value() / 1000 / f.listing().value(),
                        false),
                new Need(
                        "retention's thread, by deletions",
                        deletions() * f.deletion().value() / 1000,
                        false),
                new Need(
                        "sweep, by jobs listed",
                        listedBySweep() * f.listed().value() * 1e-6,
                        false));
    }

    /** Bytes a second that one machine takes, and gives. */
    private double network() {
        return f.network().value() * 1e9;
    }

    static double machines(double load, double one) {
        return Math.max(1, Math.ceil(load / one));
    }
}
