package dev.tomp3.converter;

import dev.tomp3.embedded.QpidDeclarables;
import dev.tomp3.jobs.Timing;
import dev.tomp3.jobs.UploadConfiguration;
import dev.tomp3.servers.TestBroker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.springframework.amqp.core.DeclarableCustomizer;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/**
 * The service in a JVM of its own, that may be killed; {@code qpid} is the first word for one. Its
 * lease is short, and that of its {@link #observer} is the same.
 */
final class ConverterProcess {
    /** Above the two seconds that a single pause between two observations may count for. */
    private static final Timing TIMING =
            new Timing(
                    Duration.ofSeconds(3),
                    Timing.PRODUCTION.upload(),
                    Timing.PRODUCTION.leader(),
                    Timing.PRODUCTION.leaderDoubt(),
                    Timing.PRODUCTION.notification(),
                    Timing.PRODUCTION.idempotencyKey());

    private static final WorkerTiming WORKER_TIMING =
            new WorkerTiming(
                    Duration.ofMillis(100),
                    WorkerTiming.PRODUCTION.uploadStall(),
                    WorkerTiming.PRODUCTION.uploadStallWhenJobsWait());

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
                                "-XX:+UseSerialGC",
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
        new SpringApplicationBuilder(ConverterService.class)
                .initializers((GenericApplicationContext beans) -> {
                    shorten(beans);
                    if (qpid) beans.registerBean(QpidDeclarables.class);
                })
                .run(words.subList(1, words.size()).toArray(String[]::new));
    }

    /** The service in this JVM. It takes no jobs, but sweeps and looks. */
    static ConfigurableApplicationContext observer(TestBroker broker, List<String> settings) {
        List<String> arguments = new ArrayList<>(broker.settings());
        arguments.addAll(settings);
        ConfigurableApplicationContext observer =
                new SpringApplicationBuilder(ConverterService.class, UploadConfiguration.class)
                        .initializers((GenericApplicationContext beans) -> {
                            shorten(beans);
                            beans.registerBean(DeclarableCustomizer.class, broker::declarables);
                        })
                        .run(arguments.toArray(String[]::new));
        WorkerIT.awaitReady(observer);
        observer.getBean(VideoListener.class).stop();
        return observer;
    }

    private static void shorten(GenericApplicationContext beans) {
        beans.registerBean(Timing.class, () -> TIMING);
        beans.registerBean(WorkerTiming.class, () -> WORKER_TIMING);
    }
}
