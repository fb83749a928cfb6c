package dev.tomp3.endtoend.deployment;

import static dev.tomp3.endtoend.deployment.Manifests.ROOT;
import static dev.tomp3.endtoend.deployment.Manifests.name;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The Helm chart, rendered by Helm itself: the same objects as those of the overlays. */
@Tag("kubectl")
class ChartTest {
    private static final Path CHART = ROOT.resolve("k8s/chart");
    private static final JsonMapper JSON = new JsonMapper();

    /** The suffix that kustomize gives the name of a ConfigMap. */
    private static final Pattern HASHED =
            Pattern.compile("\"(\\w[\\w-]*?)-[2456789bcdfghkmt]{10}\"");

    private static final Map<String, String> OVERLAYS =
            Map.of(
                    "minikube",
                    """
                    image: {tag: latest}
                    resources: {converter: {requests: {cpu: 250m}}}
                    """,
                    "minikube-host",
                    """
                    image: {tag: latest}
                    resources: {converter: {requests: {cpu: 250m}}}
                    storesNetworks: [192.168.0.0/16, 172.16.0.0/12, 10.0.2.0/24]
                    settings:
                      mysql: {MYSQL_HOST: host.minikube.internal, MYSQL_MIGRATION_USER: auth}
                      logins: {GATEWAY: tomp3, CONVERTER: tomp3, NOTIFICATION: tomp3}
                      rabbitmq: {RABBITMQ_HOST: host.minikube.internal}
                      proxies: {}
                    """,
                    "production",
                    """
                    image:
                      registry: registry.example.com/tomp3
                      digests:
                        auth: &digest sha256:0000000000000000000000000000000000000000000000000000000000000000
                        gateway: *digest
                        converter: *digest
                        notification: *digest
                    replicas: {auth: 2, converter: 2, notification: 2}
                    autoscaling: {minReplicas: 2}
                    storesNetworks: [10.20.0.0/24]
                    settings:
                      mysql: {MYSQL_HOST: mysql.example.com, MYSQL_TLS: verify_identity}
                      rabbitmq: {RABBITMQ_HOST: rabbitmq.example.com, RABBITMQ_PORT: "5671", RABBITMQ_TLS: "true"}
                      proxies: {TRUSTED_PROXIES: 10.244.0.0/16}
                      mail: {SMTP_HOST: smtp.example.com, PUBLIC_URL: "https://tomp3.example.com"}
                    """);

    private static final Map<String, List<String>> COMPONENTS =
            Map.of(
                    "minikube", List.of("stores", "ingress-traefik", "ingress-nginx"),
                    "minikube-host", List.of("ingress-traefik", "ingress-nginx"),
                    "production", List.of("gateway-api", "work-volume"));

    @TempDir Path directory;

    static List<Manifests> all() throws Exception {
        return Manifests.all();
    }

    @ParameterizedTest
    @MethodSource("all")
    void the_chart_renders_what_the_overlay_renders(Manifests manifests) throws Exception {
        String[] parts = manifests.name().split(" with | and ");
        Set<String> components = new HashSet<>(COMPONENTS.get(parts[0]));
        components.addAll(List.of(parts).subList(1, parts.length));
        String values = OVERLAYS.get(parts[0]);
        if (components.contains("openshift"))
            values =
                    values.contains("proxies: {TRUSTED")
                            ? values.replace("10.244.0.0/16", "10.128.0.0/14")
                            : values + "settings: {proxies: {TRUSTED_PROXIES: 10.128.0.0/14}}\n";

        Map<String, JsonNode> overlay = new TreeMap<>();
        String text =
                HASHED.matcher(JSON.writeValueAsString(manifests.objects())).replaceAll("\"$1\"");
        for (JsonNode object : JSON.readTree(text).values())
            if (!object.get("kind").asString().equals("Namespace")) overlay.put(id(object), object);
        Map<String, JsonNode> chart = new TreeMap<>();
        for (JsonNode object : rendered(values + switches(components))) {
            withoutChecksums(object);
            assertThat(chart.put(id(object), object)).as(id(object)).isNull();
        }

        assertThat(chart.keySet()).isEqualTo(overlay.keySet());
        overlay.forEach((id, object) -> assertThat(chart.get(id)).as(id).isEqualTo(object));
    }

    private static String id(JsonNode object) {
        return object.get("kind").asString() + " " + name(object);
    }

    /** Every component on or off. */
    private static String switches(Set<String> components) throws IOException {
        StringBuilder text = new StringBuilder("components:\n");
        for (String component : Manifests.directories("components"))
            text.append("  %s: %s\n".formatted(value(component), components.contains(component)));
        return text.toString();
    }

    private static String value(String component) {
        return Pattern.compile("-(\\w)")
                .matcher(component)
                .replaceAll(letter -> letter.group(1).toUpperCase(Locale.ROOT));
    }

    private static void withoutChecksums(JsonNode object) {
        if (object.at("/spec/template/metadata/annotations") instanceof ObjectNode annotations)
            annotations.remove(List.of("checksum/settings", "checksum/config"));
    }

    /** A copy of the chart whose test is not a hook, because Helm renders no hooks here. */
    private Path withTestAsObjects() throws IOException {
        Path copy = directory.resolve("chart");
        try (Stream<Path> files = Files.walk(CHART)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = copy.resolve(CHART.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.writeString(
                        target,
                        Files.readString(file)
                                .replaceAll("  annotations:\\n(    helm\\.sh/.*\\n)+", ""));
            }
        }
        return copy;
    }

    private List<JsonNode> rendered(String values) throws IOException {
        return rendered(CHART, values);
    }

    private List<JsonNode> rendered(Path chart, String values) throws IOException {
        Path file = Files.writeString(Files.createTempFile(directory, "values", ".yaml"), values);
        String text =
                new Helm(chart)
                        .template()
                        .withName("tomp3")
                        .withNamespace("tomp3")
                        .withKubeVersion("1.32.0")
                        .withValuesFile(file)
                        .call();
        return Manifests.parse(text).stream().filter(JsonNode::isObject).toList();
    }

    @Test
    void helm_finds_nothing_to_say_about_the_chart() {
        LintResult result = new Helm(CHART).lint().strict().call();
        assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
        assertThat(result.getMessages())
                .allMatch(message -> message.contains("icon is recommended"));
    }

    @Test
    void the_generated_files_are_up_to_date() throws Exception {
        Manifests.run(
                Map.of(),
                List.of(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        ROOT.resolve("k8s/Generate.java").toString(),
                        directory.toString()));
        Set<String> made = new HashSet<>();
        try (Stream<Path> files = Files.walk(directory.resolve("k8s"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String path = directory.relativize(file).toString();
                made.add(path);
                assertThat(Files.readString(ROOT.resolve(path)))
                        .as("%s: run java k8s/Generate.java", path)
                        .isEqualTo(Files.readString(file));
            }
        }
        try (Stream<Path> templates = Files.list(CHART.resolve("templates"))) {
            assertThat(templates.map(Path::toString).filter(path -> path.endsWith(".yaml")))
                    .allMatch(path -> made.contains(ROOT.relativize(Path.of(path)).toString()));
        }
    }

    @Test
    void every_object_fits_its_type_and_the_test_pod_is_restricted_like_the_others()
            throws Exception {
        StrictTypes types;
        try (Stream<Path> schemas = Files.list(ROOT.resolve("k8s/schemas"))) {
            types = new StrictTypes(schemas.toList());
        }
        String values =
                """
                image: {pullSecrets: [{name: registry}]}
                nodeSelector: {kubernetes.io/arch: amd64}
                tolerations: [{key: videos, operator: Exists}]
                tlsSecret: tomp3-tls
                storage: {className: fast}
                """;
        List<JsonNode> objects =
                rendered(
                        withTestAsObjects(),
                        values + switches(Set.copyOf(Manifests.directories("components"))));
        for (JsonNode object : objects) assertThat(types.problems(object)).as(id(object)).isEmpty();
        List<JsonNode> pods = new ArrayList<>();
        for (JsonNode object : objects) {
            for (String path :
                    List.of(
                            "/spec/template/spec",
                            "/spec/jobTemplate/spec/template/spec",
                            "/spec")) {
                JsonNode pod = object.at(path);
                if (!pod.has("containers")) continue;
                pods.add(object);
                assertThat(pod.at("/imagePullSecrets/0/name").asString("")).isEqualTo("registry");
                assertThat(pod.at("/nodeSelector")).hasSize(1);
                assertThat(pod.at("/tolerations")).hasSize(1);
                assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean(false)).isTrue();
                assertThat(pod.at("/securityContext").has("runAsUser")).isFalse();
            }
        }
        assertThat(pods).hasSize(10);
        JsonNode test =
                objects.stream()
                        .filter(object -> id(object).equals("Pod conversion-test"))
                        .findFirst()
                        .orElseThrow();
        assertThat(Manifests.containers(asWorkload(test)))
                .allSatisfy(container -> {
                    JsonNode context = container.get("securityContext");
                    assertThat(context.get("readOnlyRootFilesystem").asBoolean()).isTrue();
                    assertThat(context.get("allowPrivilegeEscalation").asBoolean()).isFalse();
                    assertThat(context.at("/capabilities/drop/0").asString()).isEqualTo("ALL");
                });
        for (JsonNode ingress :
                objects.stream().filter(each -> id(each).startsWith("Ingress")).toList())
            assertThat(ingress.at("/spec/tls/0"))
                    .hasToString(
                            "{\"hosts\":[\"tomp3.example.com\"],\"secretName\":\"tomp3-tls\"}");
        assertThat(JSON.writeValueAsString(objects)).contains("\"storageClassName\":\"fast\"");
    }

    private static JsonNode asWorkload(JsonNode pod) {
        ObjectNode workload = JSON.createObjectNode();
        workload.putObject("spec").putObject("template").set("spec", pod.get("spec"));
        return workload;
    }

    /** A secret under another name is used wherever the first was. */
    @Test
    void every_secret_can_be_an_existing_one() throws Exception {
        String values =
                """
                existingSecrets:
                  {admin: x-1, authKeys: x-2, mongodb: x-3, mysql: x-4, rabbitmq: x-5, smtp: x-6}
                """;
        String text =
                JSON.writeValueAsString(
                        rendered(
                                values
                                        + switches(
                                                Set.copyOf(Manifests.directories("components")))));
        assertThat(text).doesNotContain("\"kind\":\"Secret\"");
        Set<String> used = new HashSet<>();
        Matcher reference =
                Pattern.compile(
                                "\"secretKeyRef\":\\{[^}]*\"name\":\"([^\"]*)\"|\"secretName\":\"([^\"]*)\"")
                        .matcher(text);
        while (reference.find())
            used.add(reference.group(1) == null ? reference.group(2) : reference.group(1));
        assertThat(used).containsExactlyInAnyOrder("x-1", "x-2", "x-3", "x-4", "x-5", "x-6");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hosts: x",
                "components: {store: true}",
                "components: {stores: yes please}",
                "settings: {uploads: {MAX_UPLOAD: 4}}",
                "settings: {uploads: {max-upload: 4GB}}",
                "settings: {limits: {MAX_UPLOAD: 4GB}}",
                "resources: {auth: {limits: {memory: 448 MB}}}",
                "image: {digests: {auth: latest}}",
                "replicas: {gateway: 2}",
                "existingSecrets: {mysql: ''}",
                "storesNetworks: [mysql.example.com]"
            })
    void a_wrong_value_is_refused(String values) {
        assertThatThrownBy(() -> rendered(values))
                .as(values)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("schema");
    }

    @Test
    void a_pod_restarts_when_one_of_its_settings_changes_and_only_then() throws Exception {
        Map<String, String> before = checksums("{}");
        Map<String, String> after = checksums("{mail: {SMTP_HOST: smtp.example.com}}");
        before.forEach((deployment, checksum) -> {
            // the gateway tells users whether there is mail
            if (Set.of("Deployment notification", "Deployment gateway").contains(deployment))
                assertThat(after.get(deployment)).isNotEqualTo(checksum);
            else assertThat(after).containsEntry(deployment, checksum);
        });
        assertThat(before).hasSize(4);
    }

    private Map<String, String> checksums(String settings) throws IOException {
        Map<String, String> checksums = new TreeMap<>();
        for (JsonNode object : rendered("settings: " + settings)) {
            JsonNode checksum =
                    object.at("/spec/template/metadata/annotations").path("checksum/settings");
            if (checksum.isString()) checksums.put(id(object), checksum.asString());
        }
        return checksums;
    }
}
