package dev.tomp3.converter.ffmpeg;

import dev.tomp3.jobs.media.MediaFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Parses what ffmpeg (4.4 to 9) prints on its standard error at {@code -loglevel level+verbose}:
 * the properties of its input, how much it encoded, and errors.
 *
 * <p>Every message begins with its level; text from the file that contains line breaks continues
 * without one and is ignored. {@link InputLog} reads the properties of the input. The amount that
 * is kept is bounded. Lines come from one thread, calls of the getters from another.
 */
public final class FfmpegLog {
    private static final int MAX_ERRORS = 20;

    private static final String INFO = "[info] ";
    private static final Pattern UNKNOWN_CODEC =
            Pattern.compile("Unknown/unsupported AVCodecID ([a-zA-Z0-9/._-]{1,32})\\.");
    private static final Pattern PROBLEM =
            Pattern.compile(
                    "(?:\\[([a-zA-Z0-9_,#:/]+) @ [0-9a-fx]+] )?\\[(warning|error|fatal|panic)]"
                            + " (.*)");
    private static final Pattern READ =
            Pattern.compile(
                    ".*  Input stream #0:(\\d{1,9}) \\(audio\\): (\\d{1,18}) packets read"
                            + " \\(\\d+ bytes\\);(?: (\\d{1,18}) frames decoded)?.*");
    private static final Pattern TAKEN = Pattern.compile("  Stream #0:(\\d{1,9}) .*-> .*");
    private static final Pattern WRITTEN =
            Pattern.compile(
                    ".*  Output stream #0:\\d+ \\(audio\\): (?:(\\d{1,18}) frames encoded"
                            + " \\((\\d{1,18}) samples\\); )?(\\d{1,18}) packets muxed .*");

    /** More than two channels become one or two. */
    private static final Pattern MIXED =
            Pattern.compile("\\[verbose] ch:(?:[3-9]|\\d{2,3}) chl:[^>]{0,200}+> ch:[12] chl:");

    /**
     * The names before a message. Text of a file may look like many of them: the quantifiers give
     * nothing back, so that a line takes time in proportion to its length.
     */
    private static final String SPEAKERS = "(?:\\[[^]@]*+@[^]]*+] )*+";

    /** A packet that a decoder could not use, up to 6.0 and later, or all packets. */
    private static final Pattern UNDECODED =
            Pattern.compile(
                    SPEAKERS
                            + "\\[error] (?:Error while decoding stream #0:\\d+"
                            + "|Error submitting packet to decoder|Decoding error"
                            + "|Error while opening decoder.*): .*");

    private static final Pattern INCOMPLETE_PACKET =
            Pattern.compile("corrupt input packet in stream \\d++$");

    /** What ffmpeg prints when it has no decoder for a track, or none for its profile. */
    private static final Pattern NO_DECODER =
            Pattern.compile(
                    SPEAKERS
                            + "\\[(?:error|fatal)] (?:"
                            + "Decoder \\(codec .*\\) not found for input stream .*"
                            + "|Decoding requested, but no decoder found for: .*"
                            + "|Error while opening decoder.*: (?:Function not implemented"
                            + "|Not yet implemented in FFmpeg, patches welcome))");

    private static final Set<String> DEMUXERS = MediaFormat.allDemuxers();

    private final InputLog input = new InputLog();
    private boolean estimated;
    private final Timeline.Reader timeline = new Timeline.Reader();

    private boolean recognized;
    private boolean guessed;
    private boolean endsWithinPacket;
    private boolean diskFull;
    private boolean mixesSurround;
    private boolean outOfCpuTime;
    private final List<String> problems = new ArrayList<>();

    /** The indices of the streams that are converted or copied. */
    private final Set<String> taken = new HashSet<>();

    private long undecoded;
    private boolean failedToDrain;
    private long incomplete;
    private boolean demuxerError;
    private boolean noDecoder;
    private boolean drm;
    private @Nullable String unknownCodec;

    private long packetsRead = -1;
    private long framesDecoded;
    private long samplesEncoded = -1;
    private long packetsWritten = -1;

    /** Takes a line. */
    public synchronized void accept(String line) {
        if (line.startsWith(INFO)) info(line.substring(INFO.length()));
        else if (line.contains("[info]")) fromDemuxer(line);
        else if (line.contains("[verbose]")) verbose(line);
        else problem(line);
    }

    /** The input, as soon as it is printed completely. */
    public synchronized @Nullable Probe probe() {
        return input.hasEnded() ? described() : null;
    }

    /** When the sound begins; null until the first of it is there. */
    public synchronized @Nullable SoundStart start() {
        Double stamp = timeline.stamp();
        return stamp == null ? null : SoundStart.of(stamp, input.begin());
    }

    /** The stamp of the first sound, in seconds; null until it is there. */
    public synchronized @Nullable Double stamp() {
        return timeline.stamp();
    }

    /** Whether there is sound of more than two channels so far. */
    public synchronized boolean mixesSurround() {
        return mixesSurround;
    }

    /** Everything that was printed so far. */
    public synchronized FfmpegReport report() {
        return new FfmpegReport(
                input.hasBegun() ? described() : null,
                recognized && !guessed,
                endsWithinPacket,
                diskFull,
                outOfCpuTime,
                packetsRead,
                samplesEncoded,
                packetsWritten,
                new FfmpegReport.Faults(
                        undecodedPackets(),
                        framesDecoded,
                        incomplete,
                        demuxerError,
                        noDecoder,
                        drm,
                        unknownCodec),
                timeline.timeline());
    }

    /** The first errors, for the log. */
    public synchronized List<String> problems() {
        return List.copyOf(problems);
    }

    /**
     * Without the errors of a decoder, such as that of Opus in 4.4, that fails after its last
     * packet.
     */
    private long undecodedPackets() {
        return failedToDrain
                ? Math.min(undecoded, Math.max(0, packetsRead - framesDecoded))
                : undecoded;
    }

    private Probe described() {
        return input.probe(estimated);
    }

    private void info(String text) {
        if (input.accept(text)) return;
        Matcher mapped = TAKEN.matcher(text);
        if (mapped.matches() && taken.size() < InputLog.MAX_STREAMS) taken.add(mapped.group(1));
        if (text.contains("received signal 24")) outOfCpuTime = true;
        timeline.accept(text);
    }

    private void fromDemuxer(String line) {
        Matcher unknown =
                UNKNOWN_CODEC.matcher(line.substring(line.indexOf("[info]") + INFO.length()));
        if (unknown.matches()) unknownCodec = unknown.group(1);
    }

    private void verbose(String line) {
        if (MIXED.matcher(line).find()) mixesSurround = true;
        Matcher read = READ.matcher(line);
        if (read.matches()) {
            // up to 6.0 it counts the packets of all tracks
            if (!taken.isEmpty() && !taken.contains(read.group(1))) return;
            packetsRead = Math.max(packetsRead, 0) + Long.parseLong(read.group(2));
            if (read.group(3) != null) framesDecoded += Long.parseLong(read.group(3));
            return;
        }
        Matcher written = WRITTEN.matcher(line);
        if (written.matches()) {
            if (written.group(2) != null) samplesEncoded = Long.parseLong(written.group(2));
            packetsWritten = Long.parseLong(written.group(3));
        }
    }

    private void problem(String line) {
        if (UNDECODED.matcher(line).matches()) undecoded++;
        else if (line.contains("[warning] ") && INCOMPLETE_PACKET.matcher(line).find())
            incomplete++;
        if (NO_DECODER.matcher(line).matches()) noDecoder = true;
        Matcher problem = PROBLEM.matcher(line);
        if (!problem.matches()) return;
        @Nullable String speaker = problem.group(1);
        String message = problem.group(3);
        if (message.contains("duration from bitrate")
                || message.contains("using bitrate for duration")) {
            estimated = true;
        }
        if (message.contains("misdetection possible")) guessed = true;
        if (message.contains("DRM protected stream detected")) drm = true;
        if (message.startsWith("Audio object type 42 is not implemented")) unknownCodec = "xHE-AAC";
        if (message.startsWith("Too many errors when draining")) failedToDrain = true;
        if (problem.group(2).equals("warning")) return;
        if (speaker != null && isFromDemuxer(speaker, message)) {
            recognized = true;
            demuxerError = true;
            if (message.endsWith(": partial file") || message.startsWith("File ended prematurely"))
                endsWithinPacket = true;
        }
        if (message.endsWith(": No space left on device")
                || message.endsWith(": Disk quota exceeded")) diskFull = true;
        if (problems.size() < MAX_ERRORS) problems.add(message);
    }

    /**
     * Whether a demuxer of an accepted format printed this. From ffmpeg 8 on its messages carry the
     * name of the input, as do the messages of an ffmpeg that could not choose a demuxer.
     */
    private static boolean isFromDemuxer(String speaker, String message) {
        if (speaker.equals("in#0")) {
            return !message.startsWith("Error opening input")
                    && !message.startsWith("Format not on whitelist");
        }
        return Arrays.stream(speaker.split(",")).anyMatch(DEMUXERS::contains);
    }
}
