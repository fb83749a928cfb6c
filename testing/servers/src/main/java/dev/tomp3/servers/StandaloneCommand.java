package dev.tomp3.servers;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The command that starts all services in one new JVM, with the options of {@code ./run}.
 *
 * <p>{@code TEST_APPLICATION} names a directory with {@code standalone.jar} and its AOT cache
 * {@code tomp3.aot}, with which a start takes half the CPU time; the script {@code test} prepares
 * it. Otherwise the class path of the tests is used, which is always up to date.
 */
public final class StandaloneCommand {
    private static final String MAIN = "dev.tomp3.standalone.Standalone";
    private static final List<String> JVM_OPTIONS =
            List.of(
                    "-Xmx384m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:ReservedCodeCacheSize=240m",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow");

    private StandaloneCommand() {}

    /**
     * The command without the program's arguments.
     *
     * @param options further options of the JVM
     */
    public static List<String> with(String... options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM_OPTIONS);
        command.addAll(List.of(options));
        String prepared = Server.environment("TEST_APPLICATION").orElse(null);
        if (prepared == null) {
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN));
        } else {
            Path application = Path.of(prepared).toAbsolutePath();
            command.add("-XX:AOTCache=" + existing(application.resolve("tomp3.aot")));
            command.addAll(List.of("-Xlog:aot*=off", "-Xlog:cds*=off"));
            command.addAll(List.of("-jar", existing(application.resolve("standalone.jar"))));
        }
        return command;
    }

    private static String existing(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalStateException("TEST_APPLICATION is set, and " + file + " is missing");
        }
        return file.toString();
    }
}
