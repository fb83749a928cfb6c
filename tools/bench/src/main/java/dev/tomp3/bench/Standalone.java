package dev.tomp3.bench;

import dev.tomp3.embedded.FreePort;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code ./run} as users start it: all services and their servers in one JVM. */
final class Standalone extends SystemUnderTest {
    private static final Pattern READY = Pattern.compile("^ready (http://\\S+)", Pattern.MULTILINE);

    private final Program program;
    private final URI gateway;
    private final URI converter;
    private final String password = UUID.randomUUID().toString();

    /**
     * Starts it on an empty directory, and returns when it is ready.
     *
     * @param project the directory of the script
     * @param directory for its data and logs
     * @param store {@code files} or {@code gridfs}
     */
    Standalone(Path project, Path directory, String store)
            throws IOException, InterruptedException {
        Files.createDirectories(directory);
        Map<String, String> environment = new HashMap<>(RAISED_LIMITS);
        environment.put("DATA_DIR", directory.resolve("data").toString());
        environment.put("GATEWAY_PORT", "0");
        environment.put("AUTH_PORT", "0");
        int metrics = FreePort.pair();
        converter = URI.create("http://127.0.0.1:" + metrics);
        environment.put("METRICS_PORT", Integer.toString(metrics));
        environment.put("ADMIN_EMAIL", ADMIN);
        environment.put("ADMIN_PASSWORD", password);
        if (store.equals("gridfs")) environment.put("MEDIA_STORE", "gridfs");
        environment.put(
                "JAVA_OPTS",
                Objects.requireNonNullElse(System.getenv("JAVA_OPTS"), "")
                        + " "
                        + Program.gcOption(directory, "tomp3"));
        program =
                new Program(
                        "tomp3",
                        directory,
                        List.of(project.resolve("run").toString()),
                        environment);
        try {
            await(() -> READY.matcher(program.output()).find());
        } catch (IOException | InterruptedException e) {
            program.close();
            throw e;
        }
        Matcher ready = READY.matcher(program.output());
        if (!ready.find()) throw new IOException("./run did not print its address");
        gateway = URI.create(ready.group(1));
    }

    @Override
    URI gateway() {
        return gateway;
    }

    @Override
    List<URI> converters() {
        return List.of(converter);
    }

    @Override
    List<Program> programs() {
        return List.of(program);
    }

    @Override
    User user() throws IOException {
        User user = new User(gateway, ADMIN, password);
        user.login();
        return user;
    }

    @Override
    public void close() {
        program.close();
    }
}
