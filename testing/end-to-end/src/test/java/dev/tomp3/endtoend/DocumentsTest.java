package dev.tomp3.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.Warning;
import dev.tomp3.jobs.media.MediaFormat;
import dev.tomp3.platform.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents list the settings, problems and files that exist. */
class DocumentsTest {
    private static final Path ROOT = Path.of("..", "..");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]+)");
    private static final Pattern DEFAULT = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]+)(:[^}]*)?}");
    private static final Pattern SETTING = Pattern.compile("`([A-Z][A-Z0-9_]+)`");

    @Test
    void operations_names_every_environment_variable_and_no_other() throws IOException {
        Set<String> read = new TreeSet<>(List.of("DATA_DIR"));
        List<Path> places = new ArrayList<>(List.of(ROOT.resolve("docker-compose.yml")));
        for (String service : List.of("auth", "gateway", "converter", "notification"))
            places.add(ROOT.resolve(service + "-service/src/main/resources/application.yml"));
        for (Path settings : places) {
            String uncommented = Files.readString(settings).replaceAll("(?m)^ *#.*$", "");
            Matcher found = VARIABLE.matcher(uncommented);
            while (found.find()) read.add(found.group(1));
        }
        Set<String> told = new TreeSet<>();
        try (Stream<String> lines = Files.lines(ROOT.resolve("docs/operations.md"))) {
            lines.filter(line -> line.startsWith("| `"))
                    .forEach(line -> {
                        Matcher names = SETTING.matcher(line.split("\\|", -1)[1]);
                        while (names.find()) told.add(names.group(1));
                    });
        }
        assertThat(told).isEqualTo(read);
    }

    /**
     * But for what it means to be asked by a proxy: to auth, every gateway is one; and two services
     * have no other port than that of the metrics.
     */
    @Test
    void services_share_the_defaults_of_common_settings() throws IOException {
        Map<String, String> defaults = new TreeMap<>();
        for (String service : List.of("auth", "gateway", "converter", "notification")) {
            Matcher found =
                    DEFAULT.matcher(
                            Files.readString(
                                    ROOT.resolve(
                                            service
                                                    + "-service/src/main/resources/application.yml")));
            while (found.find()) {
                String before = defaults.put(found.group(1), found.group(2));
                if (before != null
                        && !Set.of("TRUSTED_PROXIES", "METRICS_PORT").contains(found.group(1)))
                    assertThat(found.group(2)).as(found.group(1)).isEqualTo(before);
            }
        }
        assertThat(defaults).containsKeys("GRIDFS_CHUNK", "RABBITMQ_HOST");
    }

    /** Documents that a restored system makes anew are not backed up. */
    @Test
    void backups_have_every_collection() throws IOException {
        Pattern named =
                Pattern.compile(
                        "(?:@Document\\(|String COLLECTION = )\"(\\w+)\"", Pattern.MULTILINE);
        Set<String> collections = new TreeSet<>();
        for (String bucket : List.of("videos", "mp3s"))
            for (String part : List.of("chunks", "files", "writing"))
                collections.add(bucket + "." + part);
        for (String module : List.of("libs/jobs", "gateway-service")) {
            try (Stream<Path> sources = Files.walk(ROOT.resolve(module + "/src/main/java"))) {
                for (Path source : sources.filter(Files::isRegularFile).toList()) {
                    Matcher found = named.matcher(Files.readString(source));
                    while (found.find()) collections.add(found.group(1));
                }
            }
        }
        assertThat(collections).contains("jobs", "leader", "retention");
        collections.removeAll(Set.of("archives", "leader", "retention"));
        for (String place : List.of("docs/operations.md", "k8s/components/backup/backup.yaml")) {
            Set<String> dumped = new TreeSet<>();
            Matcher found =
                    Pattern.compile("for collection in ([^;]+);|--collection=(\\w+)")
                            .matcher(Files.readString(ROOT.resolve(place)));
            while (found.find()) {
                String names = found.group(1) == null ? found.group(2) : found.group(1);
                dumped.addAll(List.of(names.strip().split("[\\s\\\\]+", -1)));
            }
            assertThat(dumped).as(place).isEqualTo(collections);
        }
    }

    @Test
    void the_api_reference_lists_every_problem_with_status_and_title() throws IOException {
        String api = Files.readString(ROOT.resolve("docs/api.md"));
        Set<String> rows =
                Arrays.stream(Problem.values())
                        .map(problem ->
                                "| `%s` | %d | %s |"
                                        .formatted(
                                                problem.code(), problem.status(), problem.title()))
                        .collect(Collectors.toSet());
        assertThat(api).contains(rows);
    }

    @Test
    void the_api_reference_lists_every_accepted_format() throws IOException {
        assertThat(Files.readString(ROOT.resolve("docs/api.md")).replace('\n', ' '))
                .contains("The accepted formats are " + MediaFormat.displayNames() + ". ");
    }

    @Test
    void the_api_reference_lists_every_code_of_failures_and_warnings() throws IOException {
        assertThat(codesOfTableAfter("A failed job has `failure`"))
                .isEqualTo(Arrays.stream(Failure.Code.values()).map(Failure.Code::wire).toList());
        assertThat(codesOfTableAfter("### Warnings"))
                .isEqualTo(Arrays.stream(Warning.Code.values()).map(Warning.Code::wire).toList());
    }

    private static List<String> codesOfTableAfter(String text) throws IOException {
        String api = Files.readString(ROOT.resolve("docs/api.md"));
        return api.substring(api.indexOf(text))
                .lines()
                .dropWhile(line -> !line.startsWith("| code |"))
                .takeWhile(line -> line.startsWith("|"))
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split("`", 3)[1])
                .toList();
    }

    @Test
    void every_link_in_the_documents_leads_somewhere() throws IOException {
        Pattern link = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");
        List<Path> documents = new ArrayList<>();
        for (Path directory : List.of(ROOT, ROOT.resolve("docs"))) {
            try (Stream<Path> files = Files.list(directory)) {
                files.filter(path -> path.toString().endsWith(".md")).forEach(documents::add);
            }
        }
        for (Path document : documents) {
            Matcher found = link.matcher(Files.readString(document));
            while (found.find()) {
                assertThat(document.resolveSibling(found.group(1)).normalize()).exists();
            }
        }
    }

    /** Other tests verify what the methods do; this one, that the reader finds them. */
    @Test
    void the_walk_through_the_code_names_methods_that_exist() throws IOException {
        String document = Files.readString(ROOT.resolve("docs/architecture.md"));
        Matcher step =
                Pattern.compile("(?m)^\\d\\. \\[`(\\w+)\\.(\\w+)`]\\(\\.\\./(\\S+\\.java)\\)")
                        .matcher(document);
        int steps = 0;
        while (step.find()) {
            steps++;
            assertThat(step.group(3)).endsWith("/" + step.group(1) + ".java");
            assertThat(Files.readString(ROOT.resolve(step.group(3))))
                    .containsPattern("\\b" + step.group(2) + "\\(");
        }
        assertThat(steps).isEqualTo(9);
    }
}
