package dev.tomp3.scaling;

import java.util.ArrayList;
import java.util.List;

/**
 * All input values of the tables. After a new measurement, change the value here and write the
 * document with {@link Scaling}.
 *
 * <p>Seconds of a core ("core-s") are of the machine that the measurements were made on. Bytes are
 * decimal (1 GB is 10<sup>9</sup>), but for GridFS chunks.
 */
record Parameters(
        Parameter shortest,
        Parameter longest,
        Parameter media,
        Parameter mp3,
        Parameter encode,
        Parameter decodeShare,
        Parameter segment,
        Parameter perJob,
        Parameter receive,
        Parameter chunkWrite,
        Parameter chunkRead,
        Parameter serve,
        Parameter storeWrite,
        Parameter login,
        Parameter token,
        Parameter embedded,
        Parameter embeddedJobs,
        Parameter jobBytes,
        Parameter listed,
        Parameter heartbeats,
        Parameter polls,
        Parameter line,
        Parameter peak,
        Parameter utilisation,
        Parameter network,
        Parameter disk,
        Parameter copies,
        Parameter journal,
        Parameter updates,
        Parameter documents,
        Parameter hot,
        Parameter brokerMessages,
        Parameter queueMessages,
        Parameter starts,
        Parameter converterMemory,
        Parameter ffmpegMemory,
        Parameter keepVideo,
        Parameter keepMp3,
        Parameter keepJob,
        Parameter read,
        Parameter deletion,
        Parameter orphans) {

    /**
     * One value.
     *
     * @param source a measurement, the code, or an assumption
     */
    record Parameter(String name, double value, String unit, String source) {}

    static final double MAX_DURATION = 12 * 3600;
    private static final String QUIET = "measured: plain ffmpeg, 2 quiet cores, wall time";
    private static final String HERE = "measured here, on a busy machine, CPU time of the thread";
    private static final String BENCH = "measured: [performance](performance.md)";
    private static final String CODE = "the code";
    private static final String GUESS = "assumption";

    /** The current values. */
    static Parameters current() {
        return withMedia(160e3 / 600);
    }

    /**
     * With other media.
     *
     * @param kilobytes the size of a file for each second of its audio
     */
    static Parameters withMedia(double kilobytes) {
        return new Parameters(
                new Parameter(
                        "Shortest usual audio (2.5 % are shorter)",
                        30, "s", "assumption: the smallest file of `./bench`"),
                new Parameter(
                        "Longest usual audio (2.5 % are longer)",
                        3600, "s", "assumption: the largest file of `./bench`"),
                new Parameter(
                        "Video for each second",
                        kilobytes,
                        "kB",
                        "the 10-minute 720p file of `./bench`, 160 MB"),
                new Parameter("MP3 for each second", 24, "kB", "192 kbit/s, the default"),
                new Parameter(
                        "ffmpeg for each second of audio",
                        7.55 / 600,
                        "core-s",
                        QUIET + ", 10 minutes in 7.55 s (60 minutes of 1080p in 47.3 s: 0.0131)"),
                new Parameter(
                        "Share of it that runs on one core (demuxing, decoding)",
                        0.08,
                        "",
                        HERE + ": 0.53 s of 6.7 s"),
                new Parameter(
                        "Audio in one segment of an encoder",
                        75.5,
                        "s",
                        CODE + ": `SegmentFormat`, 59 x 49 frames at 44.1 kHz"),
                new Parameter(
                        "Other work of a job (claim, process start, check, settling)",
                        0.15,
                        "core-s",
                        BENCH + ", a 30-second clip, without its ffmpeg"),
                new Parameter("Gateway: HTTP, for each GB received", 1.2, "core-s", BENCH),
                new Parameter("Driver: chunks written, for each GB", 2.0, "core-s", HERE),
                new Parameter("Driver: chunks read, for each GB", 1.4, "core-s", HERE),
                new Parameter("HTTP, for each GB sent", 1, "core-s", GUESS),
                new Parameter("mongod, for each GB written, on each member", 3, "core-s", GUESS),
                new Parameter(
                        "Login: Argon2id, 19 MiB",
                        0.1,
                        "core-s",
                        HERE + " (0.2 with `./run`, whose JVM has no C2)"),
                new Parameter("Token: RSA-3072 verification", 100, "core-µs", HERE),
                new Parameter(
                        "Embedded MongoDB, for each GB written and read", 12, "core-s", BENCH),
                new Parameter(
                        "Embedded MongoDB: jobs of a user at which an upload takes 2 s",
                        500_000,
                        "",
                        BENCH + ", 4 ms for each 1,000"),
                new Parameter(
                        "Document of a running job", 550, "byte", "measured here: 547 as BSON"),
                new Parameter(
                        "Driver: one job of a list",
                        7,
                        "core-µs",
                        HERE + ", without Spring Data's mapping"),
                new Parameter("Heartbeats of a job", 2, "/s", CODE + ": every 0.5 s"),
                new Parameter(
                        "`GET /jobs/{id}` while a job is not settled",
                        1,
                        "/s",
                        "assumption: the loop of [Polling](api.md#polling)"),
                new Parameter("Bandwidth of a client", 12.5, "MB/s", "assumption: 100 Mbit/s"),
                new Parameter(
                        "Busiest hour, relative to the average",
                        3,
                        "",
                        "assumption; used for the simulated day"),
                new Parameter(
                        "Utilisation of the cores in the busiest hour",
                        0.8,
                        "",
                        "choice: see the waits at 80 and 90 % below"),
                new Parameter(
                        "Network of a machine, each way",
                        1.25 * 0.8,
                        "GB/s",
                        "assumption: 10 Gbit/s, used to 80 %"),
                new Parameter(
                        "Disk of a MongoDB member, sustained writes",
                        1,
                        "GB/s",
                        "assumption: one NVMe drive of a data centre"),
                new Parameter(
                        "Members of a replica set",
                        3,
                        "",
                        "choice: a majority remains if one fails"),
                new Parameter(
                        "Writes of each byte on each member",
                        3,
                        "times",
                        "data, oplog, and the oplog's journal: "
                                + "[SERVER-29211](https://jira.mongodb.org/browse/SERVER-29211)"),
                new Parameter("Small majority writes of one primary", 15_000, "/s", GUESS),
                new Parameter("Documents that one primary lists", 500_000, "/s", GUESS),
                new Parameter(
                        "Majority writes of a single document",
                        1_000,
                        "/s",
                        "assumption: they are serialised"),
                new Parameter(
                        "Messages of 3 RabbitMQ nodes, 100 quorum queues",
                        36_000,
                        "/s",
                        "[RabbitMQ's sizing study]"
                                + "(https://www.rabbitmq.com/blog/2020/06/21/"
                                + "cluster-sizing-case-study-quorum-queues-part-1), 16 vCPUs each"),
                new Parameter(
                        "Messages of one quorum queue, prefetch 1",
                        5_000,
                        "/s",
                        "assumption: one leader, many consumers"),
                new Parameter(
                        "Start of a converter on Kubernetes",
                        15,
                        "s",
                        "3.2 s measured ([operations](operations.md)), the rest is an assumption"),
                new Parameter(
                        "Memory of an idle converter",
                        155,
                        "MiB",
                        "measured: [operations](operations.md#docker-compose)"),
                new Parameter("Memory of one ffmpeg", 60, "MiB", "measured: the same"),
                new Parameter("Retention of videos", 1, "days", "the default of `KEEP_VIDEO`"),
                new Parameter("Retention of MP3s", 7, "days", "the default of `KEEP_MP3`"),
                new Parameter("Retention of jobs", 90, "days", "the default of `KEEP_JOB`"),
                new Parameter(
                        "Query for 100 jobs by id, or for 1,000 ids of files", 10, "ms", GUESS),
                new Parameter(
                        "Deletion of a GridFS file",
                        20,
                        "ms",
                        "assumption: six round trips and one for each chunk"),
                new Parameter(
                        "Pause between two searches for orphans",
                        3600,
                        "s",
                        CODE + ": `tomp3.sweep.orphans`"));
    }

    List<Parameter> all() {
        List<Parameter> all = new ArrayList<>();
        for (var component : Parameters.class.getRecordComponents()) {
            try {
                all.add((Parameter) component.getAccessor().invoke(this));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
        return all;
    }

    /**
     * The median length of the audio; log-normal, with 95 % between the shortest and the longest.
     */
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

    /** The work of a converter for audio of this length. */
    double work(double seconds) {
        double gigabytesRead = seconds * media.value / 1e6;
        double gigabytesWritten = seconds * mp3.value / 1e6;
        return perJob.value
                + seconds * encode.value
                + gigabytesRead * (chunkRead.value + serve.value)
                + gigabytesWritten * chunkWrite.value;
    }

    double work(RandomNumbers chance) {
        // MAX_DURATION limits the length
        return work(Math.min(MAX_DURATION, chance.logNormal(median(), sigma())));
    }

    double meanWork() {
        return work(meanSeconds());
    }
}
