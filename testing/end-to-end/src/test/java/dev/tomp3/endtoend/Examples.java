package dev.tomp3.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The examples of the API reference: commands, and the answers below them. They are run one after
 * the other in one directory, with the ports of a running system. Ids, keys and links that an
 * answer prints stand for those of the real answer, also in the commands that follow.
 */
final class Examples {
    private static final Pattern EXAMPLE =
            Pattern.compile("```sh\n(.*?)```\n(?:\n```http\n(.*?)```\n)?", Pattern.DOTALL);
    private static final Pattern ADDRESS =
            Pattern.compile("http://localhost:(?:8080|5000)(/[^\\s\"'?]*)");
    private static final Pattern METHOD = Pattern.compile(" -X ([A-Z]+)");
    private static final Pattern VARIABLE = Pattern.compile("(?m)^([A-Z]+)=");
    private static final Pattern NAME =
            Pattern.compile(
                    "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<![0-9a-f])[0-9a-f]{24}(?![0-9a-f])");

    /** A webhook goes where nothing listens, and nothing is asked of a name server. */
    private static final Map<String, String> RECEIVER =
            Map.of("https://example.org/tomp3", "http://127.0.0.1:1024/tomp3");

    /** Told only while the job is queued. */
    private static final String POSITION = "position";

    private static final int TIMED_OUT = 28;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private record Example(String command, @Nullable String answer) {
        /** The method of the last request, and its path. */
        String operation() {
            String address = groups(ADDRESS).getLast();
            List<String> methods = groups(METHOD);
            if (!methods.isEmpty()) return methods.getLast() + " " + address;
            if (command.contains(" -I ")) return "HEAD " + address;
            boolean body = Stream.of(" -d ", " -F ").anyMatch(command::contains);
            return (body ? "POST " : "GET ") + address;
        }

        private List<String> groups(Pattern pattern) {
            return pattern.matcher(command).results().map(found -> found.group(1)).toList();
        }

        boolean reads() {
            return operation().startsWith("GET ");
        }
    }

    /** A response, or what the document prints of it. */
    private record Answer(int status, Map<String, String> headers, String body) {
        /** Parses responses that follow each other, and leaves out the interim ones. */
        static List<Answer> parse(String text) {
            List<Answer> answers = new ArrayList<>();
            String rest = text.replace("\r\n", "\n");
            while (rest.startsWith("HTTP/")) {
                int end = rest.indexOf("\n\n");
                String head = end < 0 ? rest : rest.substring(0, end);
                rest = end < 0 ? "" : rest.substring(end + 2);
                int next = rest.startsWith("HTTP/") ? 0 : rest.indexOf("\nHTTP/");
                String body = next < 0 ? rest : rest.substring(0, next);
                if (next >= 0) rest = rest.substring(next).stripLeading();
                String[] lines = head.strip().split("\n", -1);
                Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
                for (int i = 1; i < lines.length; i++) {
                    String[] header = lines[i].split(":", 2);
                    headers.put(header[0], header[1].strip());
                }
                int status = Integer.parseInt(lines[0].split(" ", -1)[1]);
                if (status >= 200) answers.add(new Answer(status, headers, body.strip()));
                if (next < 0) break;
            }
            return answers;
        }
    }

    private final List<Example> examples = new ArrayList<>();
    private final Map<String, String> meant = new HashMap<>(RECEIVER);

    Examples() {
        try {
            Matcher found =
                    EXAMPLE.matcher(Files.readString(Path.of("..", "..", "docs", "api.md")));
            while (found.find()) examples.add(new Example(found.group(1), found.group(2)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The operations without an example.
     *
     * @param descriptions OpenAPI documents
     */
    List<String> missing(List<URI> descriptions) {
        List<String> shown = examples.stream().map(Example::operation).toList();
        List<String> missing = new ArrayList<>();
        for (URI description : descriptions) {
            JsonNode paths = User.JSON.readTree(Http.get(description).body()).get("paths");
            paths.propertyStream()
                    .forEach(path -> {
                        Pattern template =
                                Pattern.compile(path.getKey().replaceAll("\\{\\w+}", "[^/]+"));
                        path.getValue()
                                .propertyNames()
                                .forEach(method -> {
                                    String verb = method.toUpperCase(Locale.ROOT) + " ";
                                    if (shown.stream()
                                            .noneMatch(one ->
                                                    one.startsWith(verb)
                                                            && template.matcher(
                                                                            one.substring(
                                                                                    verb.length()))
                                                                    .matches()))
                                        missing.add(verb + path.getKey());
                                });
                    });
        }
        return missing;
    }

    /**
     * Runs every example, and compares the answers with the printed ones: the status, the names of
     * the headers, and the names and types of the fields.
     *
     * @return what differs
     */
    List<String> follow(RunningSystem system, Path directory) throws Exception {
        Path home = Files.createTempDirectory(directory, "examples");
        Files.createSymbolicLink(
                home.resolve("samples"),
                Path.of("..", "..", "samples").toAbsolutePath().normalize());
        Files.createFile(home.resolve("variables"));
        List<String> wrong = new ArrayList<>();
        for (Example example : examples) {
            String objection = objection(example, system, home);
            if (objection != null) wrong.add(example.command() + objection);
        }
        return wrong;
    }

    private @Nullable String objection(Example example, RunningSystem system, Path home)
            throws Exception {
        String command =
                current(example.command())
                        .replace("localhost:8080", "localhost:" + system.gateway().getPort())
                        .replace("localhost:5000", "localhost:" + system.auth().getPort());
        if (!example.reads()) return objection(example, run(command, system.administrator(), home));
        // a delivery of a webhook takes a moment
        AtomicReference<String> objection = new AtomicReference<>("");
        try {
            await().atMost(PATIENCE)
                    .pollDelay(Duration.ZERO)
                    .pollInSameThread()
                    .until(() -> {
                        String output = run(command, system.administrator(), home);
                        String found = objection(example, output);
                        objection.set(found == null ? "" : found);
                        return found == null;
                    });
            return null;
        } catch (ConditionTimeoutException _) {
            return objection.get();
        }
    }

    private @Nullable String objection(Example example, String output) {
        if (example.answer() == null) return null;
        String objection = objection(Answer.parse(example.answer()), Answer.parse(output));
        return objection == null ? null : objection + "\n" + output;
    }

    private @Nullable String objection(List<Answer> printed, List<Answer> real) {
        if (printed.isEmpty() || printed.size() != real.size()) return real.size() + " answers";
        for (int i = 0; i < printed.size(); i++) {
            String objection = objection(printed.get(i), real.get(i));
            if (objection != null) return objection;
        }
        return null;
    }

    private @Nullable String objection(Answer printed, Answer real) {
        if (printed.status() != real.status())
            return "status %d, printed is %d".formatted(real.status(), printed.status());
        for (Map.Entry<String, String> header : printed.headers().entrySet()) {
            String value = real.headers().get(header.getKey());
            if (value == null) return "no header " + header.getKey();
            learn(header.getValue(), value);
        }
        if (printed.body().isEmpty()) return real.body().isEmpty() ? null : "has a body";
        if (real.headers().getOrDefault("Content-Type", "").startsWith("text/event-stream"))
            return events(printed.body().lines().toList(), real.body().lines().toList());
        return difference("", User.JSON.readTree(printed.body()), User.JSON.readTree(real.body()));
    }

    private static @Nullable String events(List<String> printed, List<String> real) {
        for (int i = 0; i < printed.size(); i++) {
            String name = printed.get(i).split(":", 2)[0];
            if (i >= real.size() || !real.get(i).split(":", 2)[0].equals(name))
                return "no line " + printed.get(i);
        }
        return null;
    }

    private @Nullable String difference(String path, JsonNode printed, JsonNode real) {
        if (printed.isNull() || real.isNull()) return null;
        if (printed.getNodeType() != real.getNodeType())
            return path + " is a " + real.getNodeType() + ", printed is a " + printed.getNodeType();
        if (printed.isString()) learn(printed.asString(), real.asString());
        if (printed.isArray() && !printed.isEmpty()) {
            if (real.isEmpty()) return path + " is empty";
            return difference(path + "/0", printed.get(0), real.get(0));
        }
        for (String name : printed.propertyNames())
            if (!real.has(name) && !name.equals(POSITION)) return "no field " + path + "/" + name;
        for (String name : real.propertyNames())
            if (!printed.has(name) && !name.equals(POSITION))
                return "another field " + path + "/" + name;
        for (String name : printed.propertyNames()) {
            String difference = difference(path + "/" + name, printed.get(name), real.path(name));
            if (difference != null) return difference;
        }
        return null;
    }

    /** Notes what the printed value stands for, and the ids within it. */
    private void learn(String printed, String real) {
        List<String> names = names(printed);
        List<String> realNames = names(real);
        for (int i = 0; i < names.size() && names.size() == realNames.size(); i++) {
            String before = meant.put(names.get(i), realNames.get(i));
            assertThat(realNames.get(i))
                    .as("%s stands for one thing in the document", names.get(i))
                    .isEqualTo(before == null ? realNames.get(i) : before);
        }
        if (names.isEmpty() ? printed.length() > 12 : printed.startsWith("http"))
            meant.put(printed, real);
    }

    private static List<String> names(String text) {
        return NAME.matcher(text).results().map(MatchResult::group).toList();
    }

    /** The command with the real values, the longest first. */
    private String current(String command) {
        String current = command;
        for (String printed :
                meant.keySet().stream()
                        .sorted(Comparator.comparingInt(String::length).reversed())
                        .toList()) current = current.replace(printed, meant.get(printed));
        return current;
    }

    /** Runs a command with the variables of those before it. */
    private static String run(String command, String account, Path home) throws Exception {
        Path errors = home.resolve("errors");
        Path output = home.resolve("output");
        StringBuilder script = new StringBuilder(". ./variables\n").append(command);
        VARIABLE.matcher(command)
                .results()
                .forEach(set -> script.append("\ndeclare -p " + set.group(1) + " >>variables"));
        ProcessBuilder shell =
                new ProcessBuilder("bash", "-euo", "pipefail", "-c", script.toString())
                        .directory(home.toFile())
                        .redirectError(errors.toFile())
                        .redirectOutput(output.toFile());
        shell.environment().put("USER_PASSWORD", account);
        Process process = shell.start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue())
                .as(command + Files.readString(errors))
                .isIn(0, command.contains("--max-time") ? TIMED_OUT : 0);
        return Files.readString(output, StandardCharsets.UTF_8);
    }
}
