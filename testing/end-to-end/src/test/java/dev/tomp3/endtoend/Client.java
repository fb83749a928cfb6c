package dev.tomp3.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tomp3.converter.TestMedia;
import dev.tomp3.converter.TestMedia.Kind;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipFile;

/** The command-line client {@code tomp3}, in a home directory of its own. */
final class Client {
    private static final Path SCRIPT = Path.of("..", "..", "tomp3").toAbsolutePath().normalize();

    private final Path home;
    private final TestMedia media;

    /**
     * What the command printed.
     *
     * @param out the standard output
     */
    record Said(int status, List<String> out, String errors) {}

    Client(Path directory, TestMedia media) throws IOException {
        this.home = Files.createTempDirectory(directory, "client");
        this.media = media;
    }

    /** Everything that a user does with it. */
    void follow(URI gateway, String account) throws Exception {
        tells_how_it_is_used();
        assertThat(run(Map.of("TOMP3_URL", gateway.toString()), "jobs").status()).isEqualTo(3);
        Said login = run(Map.of("USER_PASSWORD", account), "login", gateway.toString());
        assertThat(login.status()).as(login.errors()).isZero();
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(home.resolve("config/tomp3/config"))))
                .isEqualTo("rw-------");
        converts_several_files();
        watches_a_directory();
    }

    private void tells_how_it_is_used() throws Exception {
        assertThat(run("--help").status()).isZero();
        for (String command : List.of("login", "convert", "jobs", "download", "watch")) {
            assertThat(run("--help").out()).anyMatch(line -> line.startsWith("  tomp3 " + command));
            Said help = run(command, "--help");
            assertThat(help.status()).as(help.errors()).isZero();
            assertThat(help.out().getFirst()).startsWith("tomp3 " + command);
        }
        assertThat(run().status()).isEqualTo(2);
        assertThat(run("bake").status()).isEqualTo(2);
        assertThat(run("convert").status()).isEqualTo(2);
        assertThat(run("convert", "-x", "a.mp4").status()).isEqualTo(2);
        assertThat(run("convert", "nothing.mp4").status()).isEqualTo(2);
    }

    private void converts_several_files() throws Exception {
        Path low = Files.copy(media.tone(Kind.M4A, 440, 2), home.resolve("it's; a,lüft.m4a"));
        Path high = Files.copy(media.tone(Kind.M4A, 880, 2), home.resolve("high.m4a"));
        Path text = Files.writeString(home.resolve("text.mp4"), "Not a video at all. ".repeat(50));
        Path out = Files.createDirectory(home.resolve("out"));

        Said converted =
                run(
                        "convert",
                        "--bitrate=64",
                        "--mono=true",
                        "--title=Größe; \"$(x)\"",
                        "--start=0.5",
                        "--end=0:1.5",
                        "--loudness=-20",
                        "-o",
                        out.toString(),
                        low.toString(),
                        text.toString(),
                        high.toString());

        assertThat(converted.status()).as(converted.errors()).isEqualTo(1);
        assertThat(converted.errors())
                .contains("tomp3: " + text + ": ", "(not-media)", low + ": done");
        assertThat(converted.out()).containsExactly(out + "/it's; a,lüft.mp3", out + "/high.mp3");
        TestMedia.Heard heard = media.listen(out.resolve("it's; a,lüft.mp3"));
        MediaStoreSuite.assertTone(heard, 440, 1);
        assertThat(heard.channels()).isEqualTo(1);
        assertThat(heard.rms().getFirst()).isCloseTo(-20, within(1.5));
        assertThat(heard.description()).contains("Größe; \"$(x)\"");
        MediaStoreSuite.assertTone(media.listen(out.resolve("high.mp3")), 880, 1);

        List<String> listed = run("jobs", "-n", "2").out();
        assertThat(listed).hasSize(2).allMatch(line -> line.matches("[0-9a-f]{24}  done +100 %.*"));
        assertThat(listed).anyMatch(line -> line.endsWith("it's; a,lüft.m4a"));
        String[] ids = listed.stream().map(line -> line.substring(0, 24)).toArray(String[]::new);
        Path again = Files.createDirectory(home.resolve("again"));
        Said download = run("download", "-o", again.toString(), ids[0], ids[1]);
        assertThat(download.status()).as(download.errors()).isZero();
        assertThat(again.resolve("high.mp3")).hasSameBinaryContentAs(out.resolve("high.mp3"));
        Path zip = home.resolve("all.zip");
        Said archive = run("download", "-z", zip.toString(), ids[0], ids[1]);
        assertThat(archive.status()).as(archive.errors()).isZero();
        try (ZipFile archived = new ZipFile(zip.toFile())) {
            assertThat(archived.size()).isEqualTo(2);
        }
        assertThat(run("download", "0".repeat(24)).errors()).contains("(not-found)");
    }

    private void watches_a_directory() throws Exception {
        Path in = Files.createDirectory(home.resolve("in"));
        Path out = home.resolve("watched");
        Files.copy(media.tone(Kind.M4A, 660, 1), in.resolve("tone.m4a"));
        Files.copy(media.tone(Kind.WAV, 550, 1), in.resolve("tone.wav"));
        Files.writeString(in.resolve("text.mp4"), "Not a video at all. ".repeat(50));
        Path picture =
                Files.writeString(
                        home.resolve("a cover; mine, too.png"),
                        "\u0089PNG\r\n\u001a\n\0\0\0\4IDATmine\0\0\0\0\0\0\0\0IEND\0\0\0\0",
                        StandardCharsets.ISO_8859_1);

        Said watched =
                run(
                        "watch",
                        "-1",
                        "-i",
                        "1",
                        "--title=@home",
                        "--cover=@" + picture,
                        in.toString(),
                        out.toString());

        assertThat(watched.status()).as(watched.errors()).isEqualTo(1);
        assertThat(names(out)).containsExactly("tone (2).mp3", "tone.mp3");
        assertThat(
                        Files.readString(out.resolve("tone.mp3"), StandardCharsets.ISO_8859_1)
                                .replace("\0", ""))
                .contains("APIC", "mine", "@home");
        assertThat(names(in)).containsExactly("done", "failed");
        assertThat(names(in.resolve("done"))).containsExactly("tone.m4a", "tone.wav");
        assertThat(names(in.resolve("failed"))).containsExactly("text.mp4", "text.mp4.txt");
        assertThat(in.resolve("failed/text.mp4.txt")).content().contains("(not-media)");
        assertThat(run("watch", "-1", "-i", "1", in.toString(), out.toString()).status()).isZero();
        assertThat(names(home.resolve("state/tomp3"))).isEmpty();
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private Said run(String... arguments) throws Exception {
        return run(Map.of(), arguments);
    }

    private Said run(Map<String, String> environment, String... arguments) throws Exception {
        Path out = home.resolve("stdout");
        Path errors = home.resolve("stderr");
        List<String> command = new ArrayList<>(List.of(SCRIPT.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(home.toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(errors.toFile());
        builder.environment().put("XDG_CONFIG_HOME", home.resolve("config").toString());
        builder.environment().put("XDG_STATE_HOME", home.resolve("state").toString());
        builder.environment().put("TMPDIR", home.toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        return new Said(process.exitValue(), Files.readAllLines(out), Files.readString(errors));
    }
}
