package dev.tomp3.converter;

import dev.tomp3.embedded.QpidDeclarables;
import dev.tomp3.servers.TestBroker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.springframework.boot.SpringApplication;

/** The service in a JVM of its own, that may be killed; {@code qpid} is the first word for one. */
final class ConverterProcess {
    private ConverterProcess() {}

    /**
     * Starts it.
     *
     * @param heap in megabytes
     */
    static Process start(TestBroker broker, int heap, List<String> settings) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx" + heap + "m",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                ConverterProcess.class.getName(),
                                broker.declarables() instanceof QpidDeclarables
                                        ? "qpid"
                                        : "rabbitmq"));
        command.addAll(broker.settings());
        command.addAll(settings);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(
                                Path.of("target", "converter-process.log").toFile()))
                .start();
    }

    static void main(String[] arguments) {
        List<String> words = Arrays.asList(arguments);
        boolean qpid = words.getFirst().equals("qpid");
        new SpringApplication(
                        qpid
                                ? new Class<?>[] {ConverterService.class, QpidDeclarables.class}
                                : new Class<?>[] {ConverterService.class})
                .run(words.subList(1, words.size()).toArray(String[]::new));
    }
}
