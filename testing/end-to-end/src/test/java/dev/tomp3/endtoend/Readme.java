package dev.tomp3.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.converter.TestMedia;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs the commands of a document in a shell, with another port. */
final class Readme {
    private static final Pattern CURL_LINES =
            Pattern.compile("```\n(TOKEN=.*?)```", Pattern.DOTALL);

    private Readme() {}

    /**
     * Runs the commands of the README, and checks the MP3 that they download.
     *
     * @param account NAME:PASSWORD
     */
    static void follow(URI gateway, String account, Path directory) throws Exception {
        follow("README.md", gateway, account, directory);
    }

    /** The same for another document. */
    static void follow(String document, URI gateway, String account, Path directory)
            throws Exception {
        Matcher block = CURL_LINES.matcher(Files.readString(Path.of("..", "..", document)));
        assertThat(block.find()).isTrue();
        Path home = Files.createTempDirectory(directory, "home");
        Files.createSymbolicLink(
                home.resolve("samples"),
                Path.of("..", "..", "samples").toAbsolutePath().normalize());
        String lines = block.group(1).replace("localhost:8080", "localhost:" + gateway.getPort());
        ProcessBuilder shell =
                new ProcessBuilder("bash", "-euo", "pipefail", "-c", lines)
                        .directory(home.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(home.resolve("said").toFile());
        shell.environment().put("USER_PASSWORD", account);
        Process process = shell.start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(() -> read(home.resolve("said"))).isZero();
        var heard = TestMedia.in(directory).listen(home.resolve("out.mp3"));
        assertThat(heard.codec()).isEqualTo("mp3");
        assertThat(heard.duration().toSeconds()).isGreaterThanOrEqualTo(5);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
