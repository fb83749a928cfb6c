package dev.tomp3.converter;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Audio whose every second has a tone of its own, so that a listener can tell which seconds of a
 * file are there, where, and in which channel.
 */
final class Tones {
    /** A second is written as its number in base 36, silence and everything else as these. */
    private static final char SILENCE = '-';

    private static final char SOMETHING_ELSE = '?';

    private static final int RATE = 8000;
    private static final int COUNT = 36;

    /** Only the middle of a second is judged: codecs blur its edges. */
    private static final int WINDOW = RATE * 2 / 5;

    /** Lost packets may shift what follows by a part of a period. */
    private static final int PART = WINDOW / 4;

    private static final double QUIET = 0.003;

    private Tones() {}

    /** ffmpeg's words for seconds from a number on as an input. */
    static String input(int first, double seconds, int rate) {
        return input(seconds, rate, "mono", first);
    }

    /**
     * ffmpeg's words for several channels as an input, each with seconds from its own number on; a
     * channel whose number is negative is silent.
     */
    static String input(double seconds, int rate, String layout, int... first) {
        return "-f lavfi -i aevalsrc='%s':s=%d:d=%s:c=%s"
                .formatted(
                        IntStream.of(first)
                                .mapToObj(number ->
                                        number < 0
                                                ? "0"
                                                : "0.3*sin(2*PI*(%d+100*floor(t))*t)"
                                                        .formatted(hertz(number)))
                                .collect(Collectors.joining("|")),
                        rate,
                        seconds,
                        layout);
    }

    private static int hertz(int second) {
        return 300 + 100 * second;
    }

    /** What is heard in a file. */
    record Heard(double seconds, List<String> channels) {}

    static Heard hear(Path file, int channels, Path ffmpeg)
            throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                ffmpeg.toString(),
                                "-nostdin",
                                "-v",
                                "quiet",
                                "-i",
                                file.toString(),
                                "-map",
                                "0:a:0",
                                "-f",
                                "s16le",
                                "-ac",
                                Integer.toString(channels),
                                "-ar",
                                Integer.toString(RATE),
                                "pipe:1")
                        .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        byte[] bytes = process.getInputStream().readAllBytes();
        process.waitFor();
        ShortBuffer samples = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
        List<String> heard = new ArrayList<>();
        for (int channel = 0; channel < channels; channel++) {
            double[] one = new double[samples.limit() / channels];
            for (int i = 0; i < one.length; i++)
                one[i] = samples.get(i * channels + channel) / 32768.0;
            heard.add(bySecond(one));
        }
        return new Heard(samples.limit() / (double) channels / RATE, heard);
    }

    private static String bySecond(double[] samples) {
        StringBuilder heard = new StringBuilder();
        for (int from = (RATE - WINDOW) / 2; from + WINDOW <= samples.length; from += RATE)
            heard.append(tone(samples, from));
        return heard.toString();
    }

    /** One tone must have most of the energy. */
    private static char tone(double[] samples, int from) {
        double energy = 0;
        for (int i = from; i < from + WINDOW; i++) energy += samples[i] * samples[i];
        if (energy / WINDOW < QUIET * QUIET) return SILENCE;
        for (int second = 0; second < COUNT; second++) {
            double heard = 0;
            for (int part = from; part < from + WINDOW; part += PART)
                heard += power(samples, part, hertz(second));
            if (heard > 0.6 * energy) return Character.forDigit(second, COUNT);
        }
        return SOMETHING_ELSE;
    }

    /** Goertzel's algorithm. */
    private static double power(double[] samples, int from, int hertz) {
        double coefficient = 2 * Math.cos(2 * Math.PI * hertz / RATE);
        double s1 = 0;
        double s2 = 0;
        for (int i = from; i < from + PART; i++) {
            double s0 = samples[i] + coefficient * s1 - s2;
            s2 = s1;
            s1 = s0;
        }
        return (s1 * s1 + s2 * s2 - coefficient * s1 * s2) * 2 / PART;
    }
}
