package dev.tomp3.converter;

import dev.tomp3.converter.ffmpeg.Ffmpegs;
import dev.tomp3.converter.mp3.Mp3File;
import dev.tomp3.jobs.media.MediaFormat;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import org.springframework.util.FileSystemUtils;

/**
 * Makes media of every kind with the ffmpeg that the service would take, too, and listens to what
 * became of them. All files lie in the directory that was given.
 */
public final class TestMedia {
    /** What videos come in: small moving pictures, and a tone in stereo. */
    public enum Kind {
        MP4(".mp4", "mpeg4", "aac", "-movflags", "+faststart"),
        MP4_MOOV_LAST(".mp4", "mpeg4", "aac"),
        MP4_FRAGMENTED(".mp4", "mpeg4", "aac", "-movflags", "+frag_keyframe+empty_moov"),
        MOV(".mov", "mpeg4", "pcm_s16le"),
        MKV(".mkv", "mpeg4", "flac"),
        WEBM(".webm", "libvpx", "libvorbis"),
        AVI(".avi", "mpeg4", "pcm_s16le"),
        FLV(".flv", "flv", "aac"),
        TS(".ts", "mpeg2video", "aac"),
        MPEG(".mpg", "mpeg2video", "mp2"),
        THREE_GP(".3gp", "mpeg4", "aac"),
        WMV(".wmv", "wmv2", "wmav2"),
        M4A(".m4a", "", "aac"),
        WAV(".wav", "", "pcm_s16le"),
        FLAC(".flac", "", "flac"),
        OGG(".ogg", "", "libvorbis"),
        OPUS(".opus", "", "libopus"),
        AAC(".aac", "", "aac"),
        MP3(".mp3", "", "libmp3lame");

        private final String ending;
        private final String video;
        private final String audio;
        private final String options;

        Kind(String ending, String video, String audio, String... options) {
            this.ending = ending;
            this.video = video;
            this.audio = audio;
            this.options = String.join(" ", options);
        }

        public String ending() {
            return ending;
        }

        /** Whether nothing of it can be read without its last bytes. */
        public boolean hasItsIndexLast() {
            return EnumSet.of(MP4_MOOV_LAST, MOV, THREE_GP, M4A).contains(this);
        }

        /** True when every part of it is one, too, so that nobody can tell that it breaks off. */
        public boolean isAStream() {
            return EnumSet.of(TS, MPEG, AAC).contains(this);
        }
    }

    /**
     * What is heard in a file, decoded to the last sample.
     *
     * @param hertz the strongest tone in the middle second
     * @param rms of each channel, in dBFS of the middle second; a full sine has -3
     * @param peak of each channel, in dBFS of the whole
     */
    public record Heard(
            String codec,
            Duration duration,
            int sampleRate,
            int channels,
            int hertz,
            List<Double> rms,
            List<Double> peak,
            String description) {}

    private static final int DECODED_RATE = 8000;

    private static final Pattern AUDIO =
            Pattern.compile(
                    "Stream #0:\\d+.*: Audio: ([a-z0-9_]+).*?, (\\d+) Hz, (mono|stereo|\\d+"
                            + " channels)");

    /** Files that were made before in this JVM, by what they were made of. */
    private static final Map<List<Object>, Path> MADE = new ConcurrentHashMap<>();

    private static final Path MADE_FILES = temporaryDirectory();

    private final Path directory;
    private final Path ffmpeg;
    private final boolean cpuIndependent;

    private TestMedia(Path directory, Path ffmpeg, boolean cpuIndependent) {
        this.directory = directory;
        this.ffmpeg = ffmpeg;
        this.cpuIndependent = cpuIndependent;
    }

    public TestMedia(Path directory, Path ffmpeg) {
        this(directory, ffmpeg, false);
    }

    /** Makes the same bytes on every CPU, more slowly. */
    TestMedia cpuIndependent() {
        return new TestMedia(directory, ffmpeg, true);
    }

    /** With the system's ffmpeg, or the bundled one where there is none. */
    public static TestMedia in(Path directory) {
        return new TestMedia(directory, Ffmpegs.bundled().binary());
    }

    /** A tone in stereo, with pictures where the kind has them. */
    public Path tone(Kind kind, int hertz, double seconds) {
        return tone(kind, hertz, seconds, 44_100);
    }

    public Path tone(Kind kind, int hertz, double seconds, int sampleRate) {
        List<String> arguments = new ArrayList<>();
        arguments.addAll(sine(hertz, seconds, kind == Kind.OPUS ? 48_000 : sampleRate));
        if (!kind.video.isEmpty()) {
            arguments.addAll(pictures(seconds));
            arguments.addAll(
                    List.of("-map", "1:v", "-c:v", kind.video, "-b:v", "100k", "-g", "25"));
        }
        arguments.addAll(List.of("-map", "0:a", "-c:a", kind.audio, "-ac", "2"));
        if (!kind.options.isEmpty()) arguments.addAll(List.of(kind.options.split(" ")));
        return make(kind.name().toLowerCase(Locale.ROOT) + "-" + hertz + kind.ending, arguments);
    }

    /** A tone of 440 Hz that takes long to convert and little to make: an hour is 28 MB. */
    public Path longTone(int seconds) {
        Path file = directory.resolve("long-" + seconds + ".mov");
        if (Files.exists(file)) return file;
        List<String> arguments = new ArrayList<>(sine(440, seconds, 8000));
        arguments.addAll(List.of("-c:a", "pcm_mulaw"));
        return make(file.getFileName().toString(), arguments);
    }

    /** ffmpeg's words for a tone as an input. */
    public static List<String> sine(int hertz, double seconds, int sampleRate) {
        return List.of(
                "-f",
                "lavfi",
                "-i",
                "sine=frequency=%d:sample_rate=%d:duration=%s"
                        .formatted(hertz, sampleRate, seconds));
    }

    public static List<String> pictures(double seconds) {
        return List.of("-f", "lavfi", "-i", "testsrc=size=176x144:rate=25:duration=" + seconds);
    }

    /** A file that ffmpeg makes with these arguments, without an output among them. */
    public Path make(String name, List<String> arguments) {
        Path file = directory.resolve(name);
        try {
            if (arguments.stream().anyMatch(word -> word.contains(directory.toString())))
                return make(file, arguments);
            Path made =
                    MADE.computeIfAbsent(
                            List.of(ffmpeg, cpuIndependent, name, arguments),
                            key -> make(newFile(name), arguments));
            return Files.copy(made, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path make(Path file, List<String> arguments) {
        List<String> all = new ArrayList<>();
        if (cpuIndependent) all.addAll(List.of("-cpuflags", "0"));
        all.addAll(arguments);
        all.addAll(List.of("-y", file.toString()));
        run(all);
        return file;
    }

    private static Path newFile(String name) {
        try {
            return Files.createTempDirectory(MADE_FILES, "").resolve(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path temporaryDirectory() {
        try {
            Path directory = Files.createTempDirectory("test-media");
            Runtime.getRuntime()
                    .addShutdownHook(
                            new Thread(() -> {
                                try {
                                    FileSystemUtils.deleteRecursively(directory);
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            }));
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A copy that ends early. */
    public Path truncated(Path file, double share) throws IOException {
        Path copy = directory.resolve("truncated-" + file.getFileName());
        Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
        try (var channel = FileChannel.open(copy, StandardOpenOption.WRITE)) {
            channel.truncate((long) (channel.size() * share));
        }
        return copy;
    }

    /** A file with this text, regardless of its name. */
    public Path text(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    /** An HLS playlist that names a file of this machine. */
    public Path playlist(String name, Path other) throws IOException {
        return playlist(name, other.toUri());
    }

    /** An HLS playlist that names an address. */
    public Path playlist(String name, URI other) throws IOException {
        return text(
                name,
                """
                #EXTM3U
                #EXT-X-MEDIA-SEQUENCE:0
                #EXTINF:10.0,
                %s
                #EXT-X-ENDLIST
                """
                        .formatted(other));
    }

    /** A list of ffmpeg's concat demuxer that names a file of this machine. */
    public Path concatenation(String name, Path other) throws IOException {
        return text(name, "ffconcat version 1.0\nfile '%s'\n".formatted(other));
    }

    /** Decodes a file and listens. */
    public Heard listen(Path file) {
        String description = describe(file);
        Matcher found = AUDIO.matcher(description);
        if (!found.find())
            throw new IllegalStateException("No audio in " + file + ": " + description);
        int rate = Integer.parseInt(found.group(2));
        int channels = found.group(3).equals("mono") ? 1 : 2;
        Process process =
                start(
                        List.of(
                                "-v",
                                "error",
                                "-i",
                                file.toString(),
                                "-map",
                                "0:a:0",
                                "-f",
                                "s16be",
                                "-c:a",
                                "pcm_s16be",
                                "-ac",
                                Integer.toString(channels),
                                "-ar",
                                Integer.toString(rate),
                                "pipe:1"));
        double[] peak = new double[channels];
        List<short[]> samples = new ArrayList<>();
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(process.getInputStream(), 1 << 16))) {
            while (true) {
                short[] sample = new short[channels];
                for (int c = 0; c < channels; c++) {
                    sample[c] = in.readShort();
                    peak[c] = Math.max(peak[c], Math.abs(sample[c] / 32768.0));
                }
                samples.add(sample);
            }
        } catch (EOFException e) {
            // all of it
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int from = Math.max(0, samples.size() / 2 - rate / 2);
        List<short[]> middle = samples.subList(from, Math.min(samples.size(), from + rate));
        double[] rms = new double[channels];
        for (int c = 0; c < channels; c++) {
            int channel = c;
            rms[c] =
                    Math.sqrt(
                            middle.stream()
                                    .mapToDouble(sample -> sample[channel] / 32768.0)
                                    .map(value -> value * value)
                                    .average()
                                    .orElse(0));
        }
        return new Heard(
                found.group(1),
                Mp3File.durationOf(samples.size(), rate),
                rate,
                channels,
                strongest(middle, rate),
                decibels(rms),
                decibels(peak),
                description);
    }

    /** What ffmpeg prints about a file. */
    public String describe(Path file) {
        Process process = start(List.of("-i", file.toString()));
        try (InputStream in = process.getErrorStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * How long the first audio track is that is decoded of a file; nothing but the containers that
     * the service takes is opened.
     */
    public Duration decoded(Path file) {
        Process process =
                start(
                        List.of(
                                "-v",
                                "quiet",
                                "-format_whitelist",
                                String.join(",", MediaFormat.allDemuxers()),
                                "-i",
                                file.toString(),
                                "-map",
                                "0:a:0",
                                "-f",
                                "u8",
                                "-ac",
                                "1",
                                "-ar",
                                Integer.toString(DECODED_RATE),
                                "pipe:1"));
        try (InputStream in = process.getInputStream()) {
            return Mp3File.durationOf(in.transferTo(OutputStream.nullOutputStream()), DECODED_RATE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Double> decibels(double[] values) {
        return DoubleStream.of(values)
                .map(value -> 20 * Math.log10(Math.max(value, 1e-6)))
                .boxed()
                .toList();
    }

    /** Goertzel's algorithm at every 10 Hz up to 4 kHz. */
    private static int strongest(List<short[]> samples, int rate) {
        int strongest = 0;
        double most = 0;
        double[] first = samples.stream().mapToDouble(sample -> sample[0]).toArray();
        for (int hertz = 50; hertz <= Math.min(4000, rate / 2 - 100); hertz += 10) {
            double coefficient = 2 * Math.cos(2 * Math.PI * hertz / rate);
            double s1 = 0;
            double s2 = 0;
            for (double value : first) {
                double s0 = value + coefficient * s1 - s2;
                s2 = s1;
                s1 = s0;
            }
            double power = s1 * s1 + s2 * s2 - coefficient * s1 * s2;
            if (power > most) {
                most = power;
                strongest = hertz;
            }
        }
        return strongest;
    }

    public void run(List<String> arguments) {
        List<String> all = new ArrayList<>(List.of("-hide_banner", "-v", "error"));
        all.addAll(arguments);
        Process process = start(all);
        try (InputStream in = process.getErrorStream()) {
            String said = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) throw new IllegalStateException(arguments + ": " + said);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private Process start(List<String> arguments) {
        List<String> command = new ArrayList<>(Arrays.asList(ffmpeg.toString(), "-nostdin"));
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        if (!arguments.contains("pipe:1")) builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        else builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("GCONV_PATH", directory.toString());
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
