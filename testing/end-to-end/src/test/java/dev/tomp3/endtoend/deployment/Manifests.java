package dev.tomp3.endtoend.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What one kustomization renders to.
 *
 * @param name which one
 */
record Manifests(String name, List<JsonNode> objects) {
    static final Path ROOT = Path.of("..", "..").toAbsolutePath().normalize();
    private static final JsonMapper JSON = new JsonMapper();

    /** The name of what has every component that goes with minikube. */
    static final String EVERYTHING =
            "minikube with gateway-api and monitoring and monitoring-rabbitmq and keda and backup"
                    + " and mongodb-members and long-jobs and work-volume";

    private static List<Manifests> all = List.of();

    /** Every overlay, alone and with components. */
    static synchronized List<Manifests> all() throws IOException, InterruptedException {
        if (all.isEmpty()) {
            List<Manifests> rendered = new ArrayList<>();
            for (String overlay : directories("overlays"))
                rendered.add(render(overlay, ROOT.resolve("k8s/overlays").resolve(overlay)));
            for (String name :
                    List.of(
                            EVERYTHING,
                            "minikube with backup and openshift",
                            "production with monitoring and keda and backup",
                            "production with long-jobs",
                            "production with openshift")) {
                String[] parts = name.split(" with | and ");
                rendered.add(render(name, parts[0], List.of(parts).subList(1, parts.length)));
            }
            all = List.copyOf(rendered);
        }
        return all;
    }

    static Manifests rendered(String name) {
        return all.stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
    }

    /** The names of the directories in a directory of {@code k8s}. */
    static List<String> directories(String parent) throws IOException {
        try (Stream<Path> directories = Files.list(ROOT.resolve("k8s").resolve(parent))) {
            return directories.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Override
    public String toString() {
        return name;
    }

    /** Renders a directory of {@code k8s} with kubectl, or kustomize where there is no kubectl. */
    static Manifests render(String name, Path directory) throws IOException, InterruptedException {
        List<String> command =
                onPath("kubectl")
                        ? List.of("kubectl", "kustomize", directory.toString())
                        : List.of("kustomize", "build", directory.toString());
        return new Manifests(name, parse(run(Map.of(), command)));
    }

    /** An overlay together with components. */
    private static Manifests render(String name, String overlay, List<String> components)
            throws IOException, InterruptedException {
        return render(name, overlay, components, "");
    }

    /** The same with more fields of its kustomization. */
    static Manifests render(String name, String overlay, List<String> components, String more)
            throws IOException, InterruptedException {
        Path directory =
                Files.createDirectories(Path.of("target/manifests", name.replace(' ', '-')));
        Path k8s = directory.toAbsolutePath().relativize(ROOT.resolve("k8s"));
        StringBuilder text = new StringBuilder();
        text.append("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n");
        text.append("namespace: tomp3\nresources:\n  - %s/overlays/%s\n".formatted(k8s, overlay));
        text.append("components:\n");
        for (String component : components)
            text.append("  - %s/components/%s\n".formatted(k8s, component));
        text.append(more);
        Files.writeString(directory.resolve("kustomization.yaml"), text);
        return render(name, directory);
    }

    /** Runs it to its end, which must be a good one; its standard output. */
    static String run(Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        Path output = Files.createTempFile("output", "");
        Path errors = Files.createTempFile("errors", "");
        try {
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().putAll(environment);
            Process process =
                    builder.redirectOutput(output.toFile()).redirectError(errors.toFile()).start();
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).as("%s ends", command).isTrue();
            assertThat(process.exitValue())
                    .as("%s: %s", command, Files.readString(errors))
                    .isZero();
            return Files.readString(output, StandardCharsets.UTF_8);
        } finally {
            Files.delete(output);
            Files.delete(errors);
        }
    }

    private static boolean onPath(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }

    static List<JsonNode> parse(Path file) throws IOException {
        return parse(Files.readString(file));
    }

    static List<JsonNode> parse(String yaml) {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        List<JsonNode> objects = new ArrayList<>();
        for (Object document : new Yaml(new SafeConstructor(options)).loadAll(yaml))
            objects.add(JSON.valueToTree(document));
        return objects;
    }

    Stream<JsonNode> ofKind(String kind) {
        return objects.stream().filter(object -> object.at("/kind").asString().equals(kind));
    }

    /** Exactly one. */
    JsonNode one(String kind, String name) {
        List<JsonNode> found = ofKind(kind).filter(object -> name(object).equals(name)).toList();
        assertThat(found).as("%s %s", kind, name).hasSize(1);
        return found.getFirst();
    }

    static String name(JsonNode object) {
        return object.at("/metadata/name").asString();
    }

    /** Whatever makes pods. */
    Stream<JsonNode> workloads() {
        return objects.stream().filter(object -> object.at("/spec/template/spec").isObject());
    }

    /** The workloads, and the CronJobs as if their jobs were workloads. */
    Stream<JsonNode> podMakers() {
        return Stream.concat(
                workloads(),
                ofKind("CronJob")
                        .map(cron -> {
                            ObjectNode job = JSON.createObjectNode();
                            job.set("metadata", cron.get("metadata"));
                            job.set("spec", cron.at("/spec/jobTemplate/spec"));
                            return job;
                        }));
    }

    static Stream<JsonNode> containers(JsonNode workload) {
        JsonNode pod = workload.at("/spec/template/spec");
        return Stream.of("initContainers", "containers")
                .flatMap(kind -> pod.path(kind).valueStream());
    }
}
