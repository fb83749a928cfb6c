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

/** {@code ./run}, as everybody starts it: all services and their servers in one JVM. */
final class Standalone extends Tomp3 {
    private static final Pattern READY = Pattern.compile("^ready (http://\\S+)", Pattern.MULTILINE);

    private final Program program;
    private final URI gateway;
    private final URI converter;
    private final String password = UUID.randomUUID().toString();

    /**
     * Starts it on a fresh directory, and returns when it is ready.
     *
     * @param project where the script is
     * @param directory for its data and logs
     * @param store {@code files} or {@code gridfs}
     */
    Standalone(Path project, Path directory, String store)
            throws IOException, InterruptedException {
        Files.createDirectories(directory);
        Map<String, String> environment = new HashMap<>(RAISED);
        environment.put("DATA_DIR", directory.resolve("data").toString());
        environment.put("GATEWAY_PORT", "0");
        environment.put("AUTH_PORT", "0");
        int metrics = FreePort.next();
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
            await(() -> READY.matcher(program.said()).find());
        } catch (IOException | InterruptedException e) {
            program.close();
            throw e;
        }
        Matcher ready = READY.matcher(program.said());
        if (!ready.find()) throw new IOException("no address");
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
