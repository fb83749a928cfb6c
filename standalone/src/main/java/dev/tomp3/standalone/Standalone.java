package dev.tomp3.standalone;

import ch.qos.logback.classic.Level;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * {@code ./run}: serves until it is told to stop, or converts one file.
 *
 * <p>The exit status is 0 after SIGTERM, Ctrl-C or success, 2 for a wrong command line, 1
 * otherwise, and then one line on the terminal says why.
 */
final class Standalone {
    private static final PrintStream OUT =
            new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private static final PrintStream ERR =
            new PrintStream(System.err, true, StandardCharsets.UTF_8);

    private Standalone() {}

    public static void main(String[] arguments) {
        Ending ending = new Ending(0);
        try {
            switch (Arguments.parse(arguments)) {
                case Arguments.Help help -> OUT.print(Arguments.USAGE);
                case Arguments.Serve serve -> serve(System.getenv(), ending);
                case Arguments.Convert convert -> {
                    // a signal before the MP3 is there is a failure
                    ending.status(1);
                    convert(convert, System.getenv(), ending);
                    ending.exit(0);
                }
            }
        } catch (Refusal e) {
            fail(ending, e.status, e.line());
        } catch (InterruptedException e) {
            fail(ending, 1, "interrupted");
        } catch (IOException | UncheckedIOException e) {
            fail(ending, 1, e.toString());
        } catch (RuntimeException e) {
            fail(ending, 1, "unexpected " + e);
        }
    }

    private static void fail(Ending ending, int status, String line) {
        // what fails while all stops has not failed by itself
        if (!ending.unexpected()) {
            ERR.println("tomp3: " + line);
            ending.exit(status);
        }
    }

    private static void serve(Map<String, String> environment, Ending ending)
            throws Refusal, IOException, InterruptedException {
        log("info", "warn");
        String directory = environment.getOrDefault("DATA_DIR", "");
        DataDirectory data = DataDirectory.open(Path.of(directory.isEmpty() ? "data" : directory));
        Ports ports = Ports.of(environment);
        Administrator administrator = Administrator.of(environment, data);
        Tomp3 tomp3 = Tomp3.furnish(data, ports);
        ending.add(tomp3::close);
        ending.add(() -> silence(Logger.ROOT_LOGGER_NAME));
        tomp3.start(
                new Settings(environment, Map.of(), data, ports, administrator),
                ending::status,
                part -> {});
        OUT.println("ready http://localhost:" + ports.of(Service.GATEWAY));
        OUT.println(administrator.announcement());
        administrator.announced();
    }

    private static void convert(
            Arguments.Convert convert, Map<String, String> environment, Ending ending)
            throws Refusal, IOException, InterruptedException {
        log("error", "error");
        Conversion.check(convert.video(), convert.out());
        Progress progress = new Progress(ERR, Boolean.getBoolean("tomp3.terminal"));
        ending.add(() -> {
            progress.clear();
            if (ending.unexpected()) {
                ERR.println("tomp3: interrupted, nothing is written");
            }
        });
        progress.show(Progress.Step.STARTING, 0);
        Path throwAway = Files.createTempDirectory("tomp3-");
        ending.add(() -> clear(throwAway));
        DataDirectory data = DataDirectory.open(throwAway);
        Ports ports = Ports.free();
        Administrator administrator = Administrator.of(Map.of(), data);
        Tomp3 tomp3 = Tomp3.furnish(data, ports);
        ending.add(tomp3::close);
        ending.add(() -> {
            silence(Logger.ROOT_LOGGER_NAME);
            silence("dev.tomp3");
            progress.clear();
            if (ending.unexpected()) {
                ERR.println("tomp3: interrupted, nothing is written");
            }
        });
        progress.show(Progress.Step.STARTING, 0.2);
        tomp3.start(
                Settings.forOneFile(environment, data, ports, administrator),
                ending::status,
                part -> progress.show(Progress.Step.STARTING, 0.2 + 0.8 * part));
        try (HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            Conversion.Result result =
                    new Conversion(tomp3.gateway(), http, progress, ending)
                            .run(
                                    convert.video(),
                                    convert.out(),
                                    administrator.email(),
                                    String.valueOf(administrator.password()));
            progress.clear();
            OUT.println(describe(result));
        } finally {
            progress.clear();
        }
    }

    /** As in {@code test.mp3 0:12.3 295 kB}. */
    private static String describe(Conversion.Result result) {
        long tenths = Math.round(result.duration().toMillis() / 100.0);
        return String.format(
                Locale.ROOT,
                "%s  %d:%02d.%d  %s",
                result.file(),
                tenths / 600,
                tenths / 10 % 60,
                tenths % 10,
                size(result.bytes()));
    }

    private static String size(long bytes) {
        return bytes < 1_000_000
                ? String.format(Locale.ROOT, "%d kB", Math.round(bytes / 1e3))
                : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }

    /** One log for four applications, set up by logback.xml and by none of them. */
    private static void log(String own, String libraries) {
        System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
        setUnlessSet("tomp3.log", own);
        setUnlessSet("tomp3.log.libraries", libraries);
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
    }

    /** Libraries call it an error when their connections go away, as they do when all stops. */
    private static void silence(String name) {
        Logger log = LoggerFactory.getLogger(Standalone.class);
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, failure) -> log.debug("{} ends", thread.getName(), failure));
        if (LoggerFactory.getLogger(name) instanceof ch.qos.logback.classic.Logger logger) {
            logger.setLevel(Level.OFF);
        }
    }

    private static void setUnlessSet(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /** Deletes a directory, also when somebody is still writing to it. */
    private static void clear(Path directory) throws IOException {
        for (int attempt = 1; attempt < 5; attempt++) {
            try {
                delete(directory);
                return;
            } catch (DirectoryNotEmptyException | NoSuchFileException e) {
                LoggerFactory.getLogger(Standalone.class).debug("again: {}", e.toString());
            }
        }
        delete(directory);
    }

    private static void delete(Path directory) throws IOException {
        Files.walkFileTree(
                directory,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path visited, IOException failure)
                            throws IOException {
                        Files.delete(visited);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
