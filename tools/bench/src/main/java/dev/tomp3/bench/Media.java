package dev.tomp3.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/**
 * The test videos, generated once and kept. The picture is a loop of some seconds, because it is
 * never decoded. The sound is generated for the whole length and does not repeat: gliding tones,
 * swelling noise, a beat and rests, so that an encoder has as much to do as with music.
 */
final class Media {
    private static final int LOOP_SECONDS = 20;

    private final Ffmpeg ffmpeg;
    private final Path directory;

    Media(Ffmpeg ffmpeg, Path directory) throws IOException {
        this.ffmpeg = ffmpeg;
        this.directory = Files.createDirectories(directory);
    }

    /** 30 seconds, 360p. */
    Path clip() throws IOException, InterruptedException {
        return video("30s.mp4", 30, "640x360", 700, true);
    }

    /** A second of sound, for measurements of jobs rather than of media. */
    Path tiny() throws IOException, InterruptedException {
        return audio(1);
    }

    Path ten(boolean moovFirst) throws IOException, InterruptedException {
        return video(moovFirst ? "10min.mp4" : "10min-end.mp4", 600, "1280x720", 2000, moovFirst);
    }

    Path sixty(boolean moovFirst) throws IOException, InterruptedException {
        return video(moovFirst ? "60min.mp4" : "60min-end.mp4", 3600, "1920x1080", 4500, moovFirst);
    }

    Path sixtyMkv() throws IOException, InterruptedException {
        return video("60min.mkv", 3600, "1920x1080", 4500, false);
    }

    /** An M4A without a picture. */
    Path audio(int seconds) throws IOException, InterruptedException {
        return once(
                seconds + "s.m4a",
                file ->
                        ffmpeg.run(
                                "-f",
                                "lavfi",
                                "-i",
                                sound(seconds),
                                "-c:a",
                                "aac",
                                "-b:a",
                                "128k",
                                "-movflags",
                                "+faststart",
                                file));
    }

    private Path video(String name, int seconds, String size, int kilobits, boolean moovFirst)
            throws IOException, InterruptedException {
        Path track = audio(seconds);
        Path picture = picture(size, kilobits - 128);
        return once(
                name,
                file ->
                        ffmpeg.run(
                                "-stream_loop",
                                "-1",
                                "-i",
                                picture.toString(),
                                "-i",
                                track.toString(),
                                "-map",
                                "0:v",
                                "-map",
                                "1:a",
                                "-c",
                                "copy",
                                "-t",
                                Integer.toString(seconds),
                                "-movflags",
                                moovFirst ? "+faststart" : "0",
                                file));
    }

    private Path picture(String size, int kilobits) throws IOException, InterruptedException {
        String rate = kilobits + "k";
        return once(
                "picture-" + size + ".mp4",
                file ->
                        ffmpeg.run(
                                "-f",
                                "lavfi",
                                "-i",
                                "testsrc2=size=%s:rate=25:duration=%d,noise=alls=12:allf=t"
                                        .formatted(size, LOOP_SECONDS),
                                "-c:v",
                                "libx264",
                                "-preset",
                                "ultrafast",
                                "-pix_fmt",
                                "yuv420p",
                                "-g",
                                "50",
                                "-b:v",
                                rate,
                                "-minrate",
                                rate,
                                "-maxrate",
                                rate,
                                "-bufsize",
                                rate,
                                file));
    }

    /** A filter graph. The periods of its parts have no common multiple, so nothing repeats. */
    private static String sound(int seconds) {
        return String.format(
                Locale.ROOT,
                "sine=frequency=220:beep_factor=3:sample_rate=44100:duration=%1$d,"
                    + "vibrato=f=0.13:d=0.9,tremolo=f=0.37:d=0.6[a];"
                    + "sine=frequency=523.25:sample_rate=44100:duration=%1$d,"
                    + "vibrato=f=5.3:d=0.4,tremolo=f=0.11:d=0.95[b];"
                    + "anoisesrc=color=pink:amplitude=0.35:seed=7:sample_rate=44100:duration=%1$d,"
                    + "tremolo=f=1.7:d=0.8,tremolo=f=0.103:d=0.9[c];"
                    + "anoisesrc=color=brown:amplitude=0.4:seed=11:sample_rate=44100:duration=%1$d,"
                    + "tremolo=f=0.23:d=0.7[d];[a][c]amix=inputs=2:duration=shortest[l];"
                    + "[b][d]amix=inputs=2:duration=shortest[r];"
                    + "[l][r]join=inputs=2:channel_layout=stereo",
                seconds);
    }

    private interface Generator {
        Ffmpeg.Run into(String file) throws IOException, InterruptedException;
    }

    private Path once(String name, Generator generator) throws IOException, InterruptedException {
        Path file = directory.resolve(name);
        if (!Files.exists(file)) {
            Bench.say("generating " + file);
            Path unfinished = directory.resolve("unfinished-" + name);
            Ffmpeg.Run _ = generator.into(unfinished.toString());
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        }
        return file;
    }

    /** Reads a file, so that it is in the page cache as far as it fits. */
    static void warm(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
    }
}
