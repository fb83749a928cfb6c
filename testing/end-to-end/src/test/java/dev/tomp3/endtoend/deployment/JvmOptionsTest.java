package dev.tomp3.endtoend.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The JVM accepts the options of the images: an unknown option would stop every container. */
class JvmOptionsTest {
    private static final Pattern ENTRYPOINT =
            Pattern.compile("(?m)^ENTRYPOINT \\[(.*?)]$", Pattern.DOTALL);
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"");
    private static final Pattern SHARE = Pattern.compile("-XX:MaxRAMPercentage=(\\d+)");

    private static List<List<String>> entrypoints() throws IOException {
        List<List<String>> found = new ArrayList<>();
        Matcher entrypoint = ENTRYPOINT.matcher(Files.readString(Path.of("../../Dockerfile")));
        while (entrypoint.find()) {
            found.add(WORD.matcher(entrypoint.group(1)).results().map(r -> r.group(1)).toList());
        }
        return found;
    }

    @Test
    void the_jvm_knows_every_option() throws Exception {
        assertThat(entrypoints()).hasSize(2);
        for (List<String> words : entrypoints()) {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(words.subList(1, words.indexOf("-jar")));
            // the cache is made with the image
            command.removeIf(word -> word.startsWith("-XX:AOTCache"));
            command.add("-version");
            Process java = new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(java.waitFor()).as(said).isZero();
            assertThat(said).doesNotContainIgnoringCase("warning");
        }
    }

    /** A container that exceeds its memory limit is killed, and the memory of ffmpeg counts. */
    @Test
    void the_options_leave_memory_beside_the_heap() throws IOException {
        assertThat(entrypoints())
                .allSatisfy(words -> {
                    Matcher share = SHARE.matcher(String.join(" ", words));
                    if (share.find())
                        assertThat(Integer.parseInt(share.group(1))).isBetween(25, 60);
                    else assertThat(words).contains("-Xmx384m");
                });
    }
}
