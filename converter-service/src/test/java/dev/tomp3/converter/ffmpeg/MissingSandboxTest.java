package dev.tomp3.converter.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a process does with SANDBOX on a machine that does not offer all of it. */
@EnabledOnOs(OS.LINUX)
class MissingSandboxTest {
    @TempDir Path programs;

    @BeforeEach
    void install() throws IOException {
        install("prlimit", "exit 0");
    }

    /** Prints the layers that it finds. */
    static final class Finder {
        public static void main(String[] mode) throws Exception {
            System.out.println(Sandbox.find(Sandbox.Mode.valueOf(mode[0])).layers());
        }
    }

    @Test
    void required_refuses_a_machine_without_perl_or_prlimit() throws Exception {
        assertThat(find("REQUIRED"))
                .doesNotContain("[LIMITS]")
                .contains("SANDBOX=required", "Perl, which starts it, is not installed.");
        assertThat(find("AUTO")).contains("[LIMITS]");

        Files.delete(programs.resolve("prlimit"));
        install("perl", "echo 4");
        assertThat(find("REQUIRED"))
                .contains("SANDBOX=required", "does not cover CPU time, memory and processes");
        assertThat(find("AUTO")).contains("[CALLS, FILES, NETWORK]");
    }

    @Test
    void required_refuses_a_kernel_without_a_layer() throws Exception {
        install("perl", "exit 1");
        assertThat(find("REQUIRED")).contains("SANDBOX=required", "does not cover system calls");
        install("perl", "echo 0");
        assertThat(find("REQUIRED")).contains("SANDBOX=required", "does not cover files");
        assertThat(find("AUTO")).contains("[LIMITS, CALLS]");
        install("perl", "echo 3");
        assertThat(find("REQUIRED")).contains("SANDBOX=required", "does not cover the network");
        assertThat(find("AUTO")).contains("[LIMITS, CALLS, FILES]");
        install("perl", "echo 4");
        assertThat(find("REQUIRED")).contains("[LIMITS, CALLS, FILES, NETWORK]");
    }

    /** The layers or the failure of another process, which has only the installed programs. */
    private String find(String mode) throws Exception {
        ProcessBuilder finder =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Finder.class.getName(),
                        mode);
        finder.environment().put("PATH", programs.toString());
        finder.redirectErrorStream(true);
        Process process = finder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        boolean found = process.waitFor() == 0;
        assertThat(found).as(said).isNotEqualTo(said.contains("IllegalStateException"));
        return said;
    }

    private void install(String name, String script) throws IOException {
        Path program = Files.writeString(programs.resolve(name), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    }
}
