package dev.tomp3.standalone;

import ch.qos.logback.classic.Level;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;
import org.springframework.util.FileSystemUtils;

/**
 * {@code ./run}: serves until it is stopped, or converts one file.
 *
 * <p>The exit status is 0 after SIGTERM, Ctrl-C or success, 2 after a usage error, and 1 after any
 * other failure. One line on the terminal gives the reason.
 */
final class Standalone {
    private static final PrintStream OUT =
            new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private static final PrintStream ERR =
            new PrintStream(System.err, true, StandardCharsets.UTF_8);

    /** What the files of an empty broker and of empty databases take, and some more. */
    private static final long SERVERS_BYTES = 16 << 20;

    private Standalone() {}

    public static void main(String[] arguments) {
        Shutdown shutdown = new Shutdown(0);
        try {
            switch (Arguments.parse(arguments)) {
                case Arguments.Help help -> OUT.print(usage());
                case Arguments.Serve serve -> serve(System.getenv(), shutdown);
                case Arguments.Convert convert -> {
                    // a signal before the MP3 is complete is a failure
                    shutdown.status(1);
                    convert(convert, System.getenv(), shutdown);
                    shutdown.exit(0);
                }
            }
        } catch (CommandException e) {
            fail(shutdown, e.status, e.line());
        } catch (InterruptedException e) {
            fail(shutdown, 1, "interrupted");
        } catch (IOException e) {
            fail(shutdown, 1, describe(e));
        } catch (UncheckedIOException e) {
            fail(shutdown, 1, describe(Objects.requireNonNull(e.getCause())));
        } catch (RuntimeException e) {
            fail(shutdown, 1, "unexpected " + e);
        }
    }

    /** The same file that {@code ./run} prints before anything is built. */
    private static String usage() throws IOException {
        try (InputStream text = Standalone.class.getResourceAsStream("/usage.txt")) {
            return new String(Objects.requireNonNull(text).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String describe(IOException failure) {
        String reason = CommandException.reason(failure);
        return failure instanceof FileSystemException file && file.getFile() != null
                ? file.getFile() + ": " + reason
                : reason;
    }

    private static void fail(Shutdown shutdown, int status, String line) {
        // errors during a shutdown are consequences of it
        if (!shutdown.interrupted()) {
            ERR.println("tomp3: " + line);
            shutdown.exit(status);
        }
    }

    private static void serve(Map<String, String> environment, Shutdown shutdown)
            throws CommandException, IOException, InterruptedException {
        configureLogging("info", "warn");
        String directory = environment.getOrDefault("DATA_DIR", "");
        Path path = Path.of(directory.isEmpty() ? "data" : directory);
        DiskReserve reserve = new DiskReserve(path, SERVERS_BYTES);
        reserve.check();
        // a new directory is not begun on a full disk, but an existing one must always start
        boolean space = DataDirectory.hasSpace(path, SERVERS_BYTES / 2);
        if (!space && !Files.exists(path.resolve(Tomp3.DOCUMENTS)))
            DataDirectory.requireSpace(path, SERVERS_BYTES / 2, "DATA_DIR");
        DataDirectory data = DataDirectory.open(path);
        reserve.watch();
        shutdown.add(reserve::close);
        Ports ports = Ports.of(environment);
        Administrator administrator = Administrator.of(environment, data);
        Tomp3 tomp3 = Tomp3.startServers(data, ports, space);
        shutdown.add(tomp3::close);
        shutdown.add(() -> silence(Logger.ROOT_LOGGER_NAME));
        tomp3.start(
                new ServiceSettings(environment, Map.of(), data, ports, administrator),
                shutdown::status,
                part -> {});
        OUT.println("ready http://localhost:" + ports.of(Service.GATEWAY));
        OUT.println(administrator.message());
        administrator.markShown();
    }

    private static void convert(
            Arguments.Convert convert, Map<String, String> environment, Shutdown shutdown)
            throws CommandException, IOException, InterruptedException {
        configureLogging("error", "error");
        Conversion.check(convert.video(), convert.out());
        Progress progress = new Progress(ERR, Integer.getInteger("tomp3.columns", 0));
        shutdown.onInterrupt(() -> {
            progress.clear();
            ERR.println("tomp3: interrupted, no file was written");
        });
        progress.show(Progress.Step.STARTING, 0);
        DataDirectory.requireSpace(
                Path.of(System.getProperty("java.io.tmpdir")),
                SERVERS_BYTES + Conversion.bytes(convert.video()),
                "TMPDIR");
        Path temporary = Files.createTempDirectory("tomp3-");
        shutdown.add(() -> delete(temporary));
        DataDirectory data = DataDirectory.open(temporary);
        Ports ports = Ports.free();
        Administrator administrator = Administrator.of(Map.of(), data);
        Tomp3 tomp3 = Tomp3.startServers(data, ports, true);
        shutdown.add(tomp3::close);
        shutdown.add(() -> {
            silence(Logger.ROOT_LOGGER_NAME);
            silence("dev.tomp3");
        });
        progress.show(Progress.Step.STARTING, 0.2);
        tomp3.start(
                ServiceSettings.forOneFile(environment, data, ports, administrator),
                shutdown::status,
                part -> progress.show(Progress.Step.STARTING, 0.2 + 0.8 * part));
        try (HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            Conversion.Result result =
                    new Conversion(tomp3.gateway(), http, progress, shutdown::add)
                            .run(
                                    convert.video(),
                                    convert.out(),
                                    administrator.email(),
                                    String.valueOf(administrator.password()));
            progress.clear();
            result.warnings().forEach(warning -> ERR.println("tomp3: warning: " + warning));
            OUT.println(describe(result));
        } finally {
            progress.clear();
        }
    }

    /** For example {@code test.mp3 0:12.3 295 kB}. */
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

    /** One log for the four applications: logback.xml configures it, not Spring Boot. */
    private static void configureLogging(String own, String libraries) {
        System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
        setUnlessSet("tomp3.log", own);
        setUnlessSet("tomp3.log.libraries", libraries);
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
    }

    /** Libraries log errors when connections close, as they do during a shutdown. */
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

    /** Deletes a directory, even while another thread still writes to it. */
    private static void delete(Path directory) throws IOException {
        for (int attempt = 1; attempt < 5; attempt++) {
            try {
                FileSystemUtils.deleteRecursively(directory);
                return;
            } catch (DirectoryNotEmptyException | NoSuchFileException e) {
                LoggerFactory.getLogger(Standalone.class).debug("Trying again: {}", e.toString());
            }
        }
        FileSystemUtils.deleteRecursively(directory);
    }
}
