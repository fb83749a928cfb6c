package dev.tomp3.converter.conversion;

import dev.tomp3.converter.ffmpeg.FfmpegProcess;
import dev.tomp3.converter.ffmpeg.TranscodeCommand;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads through a whole file without decoding it, until any of its streams reaches a time. ffmpeg
 * lists the packets in its framecrc format.
 */
final class EndSearch implements Supervisor.Run {
    private static final Pattern TIME_BASE =
            Pattern.compile("#tb (\\d{1,5}): (\\d{1,9})/(\\d{1,9})");
    private static final Pattern PACKET =
            Pattern.compile("(\\d{1,5}), *-?\\d{1,18}, *(-?\\d{1,18}), *(\\d{1,18}), .*");
    private static final int MAX_STREAMS = 1000;

    private final Duration needed;
    private final double[] timeBases = new double[MAX_STREAMS];
    private volatile double seconds;

    EndSearch(Duration needed) {
        this.needed = needed;
    }

    /** Whether a stream reaches the time. */
    boolean found(Supervisor supervisor, ConversionTask task)
            throws ConversionFailed, IOException, InterruptedException {
        int status = supervisor.run(task, this);
        if (status == Judgement.KILLED)
            throw new IllegalStateException("ffmpeg was killed from outside");
        return settled();
    }

    @Override
    public List<String> arguments(TranscodeCommand.Input input) {
        return TranscodeCommand.packets(input);
    }

    @Override
    public FfmpegProcess.Output output() {
        return FfmpegProcess.Output.lines(this::accept);
    }

    @Override
    public void log(String line) {}

    /** Takes a line of the list. */
    void accept(String line) {
        Matcher packet = PACKET.matcher(line);
        if (packet.matches()) {
            int stream = Integer.parseInt(packet.group(1));
            if (stream >= MAX_STREAMS) return;
            double end = Long.parseLong(packet.group(2)) + (double) Long.parseLong(packet.group(3));
            seconds = Math.max(seconds, end * timeBases[stream]);
            return;
        }
        Matcher timeBase = TIME_BASE.matcher(line);
        if (timeBase.matches() && Integer.parseInt(timeBase.group(1)) < MAX_STREAMS) {
            timeBases[Integer.parseInt(timeBase.group(1))] =
                    Double.parseDouble(timeBase.group(2)) / Double.parseDouble(timeBase.group(3));
        }
    }

    @Override
    public long advance() {
        return (long) (seconds * 1000);
    }

    @Override
    public Duration length() {
        return needed;
    }

    @Override
    public boolean settled() {
        return seconds >= needed.toMillis() / 1000.0;
    }
}
