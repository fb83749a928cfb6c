package dev.tomp3.scaling;

import java.util.ArrayList;
import java.util.List;

/**
 * Every number that the tables begin with, in this one place. After a new measurement change it
 * here, and let {@link Scaling} write the document anew.
 *
 * <p>Seconds of a core ("core-s") are of the machine that the measurements were made on. Bytes are
 * decimal (1 GB is 10<sup>9</sup>), but for GridFS chunks.
 */
record Figures(
        Figure shortest,
        Figure longest,
        Figure media,
        Figure mp3,
        Figure encode,
        Figure decodeShare,
        Figure piece,
        Figure perJob,
        Figure receive,
        Figure chunkWrite,
        Figure chunkRead,
        Figure serve,
        Figure storeWrite,
        Figure login,
        Figure token,
        Figure embedded,
        Figure embeddedJobs,
        Figure jobBytes,
        Figure listed,
        Figure beats,
        Figure polls,
        Figure line,
        Figure peak,
        Figure utilisation,
        Figure network,
        Figure disk,
        Figure copies,
        Figure journal,
        Figure updates,
        Figure documents,
        Figure hot,
        Figure brokerMessages,
        Figure queueMessages,
        Figure starts,
        Figure converterMemory,
        Figure ffmpegMemory,
        Figure keepVideo,
        Figure keepMp3,
        Figure keepJob,
        Figure read,
        Figure deletion,
        Figure listing) {

    /**
     * One of them.
     *
     * @param name what it is
     * @param source where it comes from; an assumption says that it is one
     */
    record Figure(String name, double value, String unit, String source) {}

    private static final String QUIET = "measured: plain ffmpeg, 2 quiet cores, wall time";
    private static final String HERE = "measured here, on a busy machine, CPU time of the thread";
    private static final String BENCH = "measured: [performance](performance.md)";
    private static final String CODE = "the code";
    private static final String GUESS = "assumption";

    /** As they stand. */
    static Figures current() {
        return withMedia(160e3 / 600);
    }

    /**
     * With other media.
     *
     * @param kilobytes of a file for each second of its audio
     */
    static Figures withMedia(double kilobytes) {
        return new Figures(
                new Figure(
                        "Shortest usual audio (2.5 % are shorter)",
                        30, "s", "assumption: the smallest file of `./bench`"),
                new Figure(
                        "Longest usual audio (2.5 % are longer)",
                        3600, "s", "assumption: the largest file of `./bench`"),
                new Figure(
                        "Video for each second",
                        kilobytes,
                        "kB",
                        "the 10-minute 720p file of `./bench`, 160 MB"),
                new Figure("MP3 for each second", 24, "kB", "192 kbit/s, the default"),
                new Figure(
                        "ffmpeg for each second of audio",
                        7.55 / 600,
                        "core-s",
                        QUIET + ", 10 minutes in 7.55 s (60 minutes of 1080p in 47.3 s: 0.0131)"),
                new Figure(
                        "of it, what stays with one core (demuxing, decoding)",
                        0.08,
                        "",
                        HERE + ": 0.53 s of 6.7 s"),
                new Figure(
                        "Audio in one piece of an encoder",
                        75.5,
                        "s",
                        CODE + ": `Pieces`, 59 x 49 frames at 44.1 kHz"),
                new Figure(
                        "A job, beside that (claim, process, check, settling)",
                        0.15,
                        "core-s",
                        BENCH + ", a 30-second clip beside its ffmpeg"),
                new Figure("Gateway: HTTP, for each GB taken in", 1.2, "core-s", BENCH),
                new Figure("Driver: chunks written, for each GB", 2.0, "core-s", HERE),
                new Figure("Driver: chunks read, for each GB", 1.4, "core-s", HERE),
                new Figure("HTTP, for each GB sent out", 1, "core-s", GUESS),
                new Figure("mongod, for each GB written, on each member", 3, "core-s", GUESS),
                new Figure(
                        "Login: PBKDF2, 310,000 rounds",
                        0.1,
                        "core-s",
                        HERE + " (0.8 with `./run`, whose JVM has no C2)"),
                new Figure("Token: RSA-3072 checked", 100, "core-µs", HERE),
                new Figure("Embedded MongoDB, for each GB in and out", 12, "core-s", BENCH),
                new Figure(
                        "Embedded MongoDB: a user's jobs with which an upload takes 2 s",
                        500_000,
                        "",
                        BENCH + ", 4 ms for each 1,000"),
                new Figure(
                        "A converting job's document", 550, "byte", "measured here: 547 as BSON"),
                new Figure(
                        "Driver: a job of a list",
                        7,
                        "core-µs",
                        HERE + ", without Spring Data's mapping"),
                new Figure("Beats of a job", 2, "/s", CODE + ": `Worker`, each 0.5 s"),
                new Figure(
                        "`GET /jobs/{id}` while a job is not done",
                        1,
                        "/s",
                        "assumption: the loop in the README"),
                new Figure("A client's line", 12.5, "MB/s", "assumption: 100 Mbit/s"),
                new Figure(
                        "Busiest hour, against the average",
                        3,
                        "",
                        "assumption; the simulated day has it"),
                new Figure(
                        "Cores that are busy in the busiest hour",
                        0.8,
                        "",
                        "choice: below, what waits at 80 and 90 %"),
                new Figure(
                        "Network of a machine, each way",
                        1.25 * 0.8,
                        "GB/s",
                        "assumption: 10 Gbit/s, used to 80 %"),
                new Figure(
                        "Disk of a MongoDB member, written for long",
                        1,
                        "GB/s",
                        "assumption: one NVMe drive of a data centre"),
                new Figure("Members of a replica set", 3, "", "choice: majority, one may fail"),
                new Figure(
                        "A byte is written on each member",
                        3,
                        "times",
                        "data, oplog, and the oplog's journal: "
                                + "[SERVER-29211](https://jira.mongodb.org/browse/SERVER-29211)"),
                new Figure("Small majority writes of one primary", 15_000, "/s", GUESS),
                new Figure("Documents one primary lists", 500_000, "/s", GUESS),
                new Figure(
                        "Majority writes of one single document",
                        1_000,
                        "/s",
                        "assumption: they wait for each other"),
                new Figure(
                        "Messages of 3 RabbitMQ nodes, 100 quorum queues",
                        36_000,
                        "/s",
                        "[RabbitMQ's sizing study]"
                                + "(https://www.rabbitmq.com/blog/2020/06/21/"
                                + "cluster-sizing-case-study-quorum-queues-part-1), 16 vCPUs each"),
                new Figure(
                        "Messages of one quorum queue, prefetch 1",
                        5_000,
                        "/s",
                        "assumption: one leader, many consumers"),
                new Figure(
                        "A converter's start on Kubernetes",
                        15,
                        "s",
                        "3.2 s measured ([operations](operations.md)), the rest is assumed"),
                new Figure(
                        "A converter without a job",
                        155,
                        "MiB",
                        "measured: [operations](operations.md#docker-compose)"),
                new Figure("An ffmpeg", 60, "MiB", "measured: the same"),
                new Figure("A video is kept", 1, "days", "the default of `KEEP_VIDEO`"),
                new Figure("An MP3 is kept", 7, "days", "the default of `KEEP_MP3`"),
                new Figure("A job is remembered", 90, "days", "the default of `KEEP_JOB`"),
                new Figure("A document read by id, one after the other", 0.5, "ms", GUESS),
                new Figure(
                        "A file of GridFS deleted",
                        20,
                        "ms",
                        "assumption: six round trips, and a chunk for each MB"),
                new Figure("The same for a list of files", 600, "s", CODE + ": `GridFsStore`"));
    }

    List<Figure> all() {
        List<Figure> all = new ArrayList<>();
        for (var component : Figures.class.getRecordComponents()) {
            try {
                all.add((Figure) component.getAccessor().invoke(this));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
        return all;
    }

    // ---- what follows for the mix of jobs

    /** Of the audio's length; log-normal, so that 95 % are between the shortest and the longest. */
    double median() {
        return StrictMath.sqrt(shortest.value * longest.value);
    }

    double sigma() {
        return StrictMath.log(longest.value / shortest.value) / 2 / 1.96;
    }

    double meanSeconds() {
        return median() * StrictMath.exp(sigma() * sigma() / 2);
    }

    double videoBytes() {
        return meanSeconds() * media.value * 1e3;
    }

    double mp3Bytes() {
        return meanSeconds() * mp3.value * 1e3;
    }

    /** Of a converter's cores, for audio of that length. */
    double work(double seconds) {
        double gigabytesRead = seconds * media.value / 1e6;
        double gigabytesWritten = seconds * mp3.value / 1e6;
        return perJob.value
                + seconds * encode.value
                + gigabytesRead * (chunkRead.value + serve.value)
                + gigabytesWritten * chunkWrite.value;
    }

    double work(Chance chance) {
        // nothing is longer than MAX_DURATION
        return work(Math.min(12 * 3600, chance.logNormal(median(), sigma())));
    }

    double meanWork() {
        return work(meanSeconds());
    }
}
