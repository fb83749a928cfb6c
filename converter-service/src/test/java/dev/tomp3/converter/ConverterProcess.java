package dev.tomp3.converter;

import dev.tomp3.embedded.QpidDeclarables;
import java.util.Arrays;
import java.util.List;
import org.springframework.boot.SpringApplication;

/** The service in a JVM of its own, that may be killed; {@code qpid} is the first word for one. */
final class ConverterProcess {
    private ConverterProcess() {}

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
