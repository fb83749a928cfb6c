package dev.tomp3.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script {@code run} in a checkout that is built, with a JDK that only records its arguments.
 */
class RunScriptTest {
    @TempDir Path directory;
    private Path checkout;
    private Path jdk;

    @BeforeEach
    void prepare() throws IOException {
        checkout = directory.toRealPath().resolve("checkout");
        jdk = directory.resolve("jdk");
        Path app = Files.createDirectories(checkout.resolve("standalone/target/run"));
        Files.createFile(app.resolve("built"));
        Path project = Path.of("").toAbsolutePath().resolveSibling("run");
        Files.copy(project, checkout.resolve("run"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.createDirectory(checkout.resolve(".mvn"));
        Files.copy(project.resolveSibling(".mvn/jdk25"), checkout.resolve(".mvn/jdk25"));
        executable("bin/javac", "");
        executable(
                "bin/java",
                """
                echo "$@" >>"$RECORD"
                for argument; do
                  case $argument in -XX:AOTCacheOutput=*) touch "${argument#*=}" ;; esac
                done
                """);
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.3\"\n");
    }

    @Test
    void creates_the_aot_cache_once_and_uses_it() throws Exception {
        Path cache = checkout.resolve("standalone/target/run/tomp3.aot");
        assertThat(run(checkout))
                .satisfiesExactly(
                        first -> assertThat(first).contains("-XX:AOTCacheOutput=" + cache),
                        second -> assertThat(second).contains("-XX:AOTCache=" + cache));
        assertThat(run(checkout))
                .singleElement()
                .asString()
                .contains("-XX:AOTCache=" + cache, "-jar");
    }

    @Test
    void a_moved_checkout_creates_its_aot_cache_anew() throws Exception {
        run(checkout);
        Path moved = Files.move(checkout, checkout.resolveSibling("moved"));
        Path cache = moved.resolve("standalone/target/run/tomp3.aot");
        assertThat(run(moved))
                .satisfiesExactly(
                        first -> assertThat(first).contains("-XX:AOTCacheOutput=" + cache),
                        second -> assertThat(second).contains("-XX:AOTCache=" + cache));
    }

    @Test
    void starts_without_an_aot_cache_if_none_can_be_created() throws Exception {
        executable("bin/java", "echo \"$@\" >>\"$RECORD\"; [[ $* != *AOTCacheOutput* ]]\n");
        assertThat(run(checkout)).hasSize(2).last().asString().doesNotContain("AOT");
        assertThat(run(checkout)).singleElement().asString().doesNotContain("AOT");
    }

    /** The command lines of the JVMs that the script started. */
    private List<String> run(Path checkout) throws Exception {
        Path record = Files.createTempFile(directory, "record", "");
        ProcessBuilder builder =
                new ProcessBuilder(checkout.resolve("run").toString())
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("out").toFile());
        builder.environment().put("JAVA_HOME", jdk.toString());
        builder.environment().put("RECORD", record.toString());
        assertThat(builder.start().waitFor()).as(directory.resolve("out").toString()).isZero();
        return Files.readAllLines(record);
    }

    private void executable(String name, String script) throws IOException {
        Path file = jdk.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/usr/bin/env bash\n" + script);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }
}
