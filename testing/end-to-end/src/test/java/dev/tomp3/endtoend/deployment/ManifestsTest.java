package dev.tomp3.endtoend.deployment;

import static dev.tomp3.endtoend.deployment.Manifests.ROOT;
import static dev.tomp3.endtoend.deployment.Manifests.containers;
import static dev.tomp3.endtoend.deployment.Manifests.name;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.util.unit.DataSize;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What {@code k8s} renders to: every overlay, alone and with what can be added to it. */
@Tag("kubectl")
class ManifestsTest {
    private static final List<String> SERVICES =
            List.of("auth", "gateway", "converter", "notification");
    private static final Set<String> JVM = Set.of("JDK_JAVA_OPTIONS");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]+)([:}])");

    /** Maps whose keys are anybody's. */
    private static final Set<String> FREE =
            Set.of(
                    "labels",
                    "annotations",
                    "data",
                    "matchLabels",
                    "selector",
                    "requests",
                    "limits");

    private static StrictTypes types;
    private static List<Manifests> all;
    private static Map<String, Set<String>> secrets;

    @BeforeAll
    static void render() throws Exception {
        try (Stream<Path> schemas = Files.list(ROOT.resolve("k8s/schemas"))) {
            types = new StrictTypes(schemas.toList());
        }
        all = Manifests.all();
        secrets =
                Manifests.parse(makeSecrets(Map.of())).stream()
                        .collect(
                                Collectors.toMap(
                                        Manifests::name,
                                        secret -> Set.copyOf(secret.get("data").propertyNames())));
    }

    private static String makeSecrets(Map<String, String> environment) throws Exception {
        return Manifests.run(
                environment, List.of(ROOT.resolve("k8s/make-secrets").toString(), "--print"));
    }

    static List<Manifests> all() {
        return all;
    }

    private static Manifests rendered(String name) {
        return Manifests.rendered(name);
    }

    @Test
    void there_are_the_three_overlays() throws IOException {
        assertThat(Manifests.directories("overlays"))
                .containsExactly("minikube", "minikube-host", "production");
    }

    @Test
    void every_component_is_rendered_with_an_overlay() throws IOException {
        String rendered = all.stream().map(Manifests::name).collect(Collectors.joining(" "));
        for (String overlay : Manifests.directories("overlays"))
            rendered +=
                    Files.readString(
                            ROOT.resolve("k8s/overlays/" + overlay + "/kustomization.yaml"));
        for (String component : Manifests.directories("components"))
            assertThat(rendered).contains(component);
    }

    /**
     * An apply would otherwise remove the members that somebody has added, and with them a
     * majority.
     */
    @Test
    void to_apply_an_overlay_again_leaves_mongodb_its_members() {
        assertThat(
                        all.stream()
                                .flatMap(Manifests::podMakers)
                                .filter(pods -> name(pods).equals("mongodb"))
                                .toList())
                .isNotEmpty()
                .allSatisfy(pods ->
                        assertThat(pods.at("/spec/replicas").asInt(3)).isGreaterThanOrEqualTo(3));
    }

    @Test
    void no_image_is_named_without_its_registry() {
        for (Manifests manifests : all)
            for (JsonNode pods : manifests.podMakers().toList())
                assertThat(containers(pods).map(each -> each.get("image").asString()))
                        .as("CRI-O rejects other names: %s", name(pods))
                        .allMatch(image -> image.matches("[a-z0-9-]+(\\.[a-z0-9-]+)+/.+[:@].+"));
    }

    @ParameterizedTest
    @MethodSource("all")
    void every_object_fits_its_type(Manifests manifests) {
        assertThat(manifests.objects()).isNotEmpty();
        assertThat(
                        manifests.objects().stream()
                                .flatMap(object ->
                                        types.problems(object).stream()
                                                .map(problem -> name(object) + ": " + problem)))
                .isEmpty();
    }

    @Test
    void a_misspelt_field_is_found_at_any_depth() {
        int tried = 0;
        for (JsonNode object : rendered(Manifests.EVERYTHING).objects()) {
            ObjectNode copy = (ObjectNode) object.deepCopy();
            for (ObjectNode parent : typed(copy, new ArrayList<>())) {
                for (String field : List.copyOf(parent.propertyNames())) {
                    JsonNode value = parent.remove(field);
                    parent.set(field + "x", value);
                    assertThat(types.problems(copy))
                            .as("%s: %sx in %s", name(object), field, parent)
                            .isNotEmpty();
                    parent.remove(field + "x");
                    parent.set(field, value);
                    tried++;
                }
            }
            assertThat(types.problems(copy)).isEmpty();
        }
        assertThat(tried).isGreaterThan(1000);
    }

    @Test
    void a_value_of_another_type_is_found() {
        JsonNode gateway = rendered("minikube").one("Deployment", "gateway");
        Map<String, String> wrong =
                Map.of(
                        "/spec/template/spec/terminationGracePeriodSeconds", "150",
                        "/spec/template/spec/automountServiceAccountToken", "false",
                        "/spec/template/spec/containers/0/ports/0/containerPort", "8080",
                        "/spec/template/spec/containers/0/resources/limits/memory", "640 MB",
                        "/spec/template/spec/containers/0/readinessProbe/periodSeconds", "5");
        wrong.forEach((path, value) -> {
            JsonNode copy = gateway.deepCopy();
            int end = path.lastIndexOf('/');
            ((ObjectNode) copy.at(path.substring(0, end))).put(path.substring(end + 1), value);
            assertThat(types.problems(copy)).as(path).hasSize(1);
        });
        JsonNode unquoted = gateway.deepCopy();
        ((ObjectNode) unquoted.at("/spec/template/spec/containers/0/env/0")).put("value", 5000);
        assertThat(types.problems(unquoted)).hasSize(1);
    }

    @Test
    void an_unknown_kind_and_a_missing_field_are_found() {
        ObjectNode gateway = (ObjectNode) rendered("minikube").one("Deployment", "gateway");
        ObjectNode beta = gateway.deepCopy().put("apiVersion", "apps/v1beta1");
        assertThat(types.problems(beta)).containsExactly("unknown kind: apps/v1beta1 Deployment");
        ObjectNode noSelector = gateway.deepCopy();
        ((ObjectNode) noSelector.get("spec")).remove("selector");
        assertThat(types.problems(noSelector)).containsExactly("spec.selector: missing");
    }

    /** Every object in it whose fields a type says. */
    private static List<ObjectNode> typed(JsonNode node, List<ObjectNode> found) {
        if (node instanceof ArrayNode list) {
            list.forEach(each -> typed(each, found));
        } else if (node instanceof ObjectNode object) {
            found.add(object);
            for (Map.Entry<String, JsonNode> entry : object.properties()) {
                boolean labels =
                        entry.getKey().equals("params")
                                || (FREE.contains(entry.getKey())
                                        && entry.getValue()
                                                .valueStream()
                                                .allMatch(JsonNode::isValueNode));
                boolean trigger = entry.getKey().equals("metadata") && object.has("type");
                if (!labels && !trigger) typed(entry.getValue(), found);
            }
        }
        return found;
    }

    @ParameterizedTest
    @MethodSource("all")
    void every_environment_name_is_one_that_the_service_reads(Manifests manifests)
            throws IOException {
        for (String service : SERVICES) {
            Set<String> set = environment(manifests, service).keySet();
            Set<String> read = new TreeSet<>(JVM);
            Set<String> required = new TreeSet<>();
            Path settings = ROOT.resolve(service + "-service/src/main/resources/application.yml");
            Matcher found =
                    PLACEHOLDER.matcher(Files.readString(settings).replaceAll("(?m)^ *#.*$", ""));
            while (found.find()) {
                read.add(found.group(1));
                if (found.group(2).equals("}")) required.add(found.group(1));
            }
            assertThat(required).as("%s requires something", service).isNotEmpty();
            assertThat(read).as(service).containsAll(set);
            assertThat(set).as(service).containsAll(required);
        }
    }

    /** Of the only container; what comes from a secret is there without its value. */
    private static Map<String, String> environment(Manifests manifests, String service) {
        JsonNode container =
                manifests
                        .one("Deployment", service)
                        .at("/spec/template/spec/containers")
                        .valueStream()
                        .collect(Collectors.collectingAndThen(Collectors.toList(), List::getFirst));
        Map<String, String> environment = new TreeMap<>();
        for (JsonNode from : container.path("envFrom").values()) {
            JsonNode map = manifests.one("ConfigMap", from.at("/configMapRef/name").asString());
            map.get("data")
                    .properties()
                    .forEach(entry -> environment.put(entry.getKey(), entry.getValue().asString()));
        }
        for (JsonNode variable : container.path("env").values())
            environment.put(variable.get("name").asString(), variable.path("value").asString(""));
        return environment;
    }

    @ParameterizedTest
    @MethodSource("all")
    void every_reference_points_to_an_object_that_exists(Manifests manifests) {
        assertThat(manifests.ofKind("Secret")).as("secrets are made by make-secrets").isEmpty();
        for (JsonNode workload : manifests.podMakers().toList()) {
            for (JsonNode container : containers(workload).toList()) {
                for (JsonNode from : container.path("envFrom").values())
                    manifests.one("ConfigMap", from.at("/configMapRef/name").asString());
                for (JsonNode variable : container.path("env").values()) {
                    JsonNode map = variable.at("/valueFrom/configMapKeyRef");
                    if (map.isObject()) {
                        JsonNode data =
                                manifests.one("ConfigMap", map.get("name").asString()).get("data");
                        assertThat(data.propertyNames()).contains(map.get("key").asString());
                    }
                    JsonNode secret = variable.at("/valueFrom/secretKeyRef");
                    if (secret.isObject()) exists(secret);
                    assertThat(variable.has("value") || map.isObject() || secret.isObject())
                            .as(variable.toString())
                            .isTrue();
                }
                Set<String> volumes =
                        Stream.concat(
                                        workload.at("/spec/template/spec/volumes").valueStream(),
                                        workload.at("/spec/volumeClaimTemplates")
                                                .valueStream()
                                                .map(claim -> claim.get("metadata")))
                                .map(volume -> volume.get("name").asString())
                                .collect(Collectors.toSet());
                for (JsonNode mount : container.path("volumeMounts").values())
                    assertThat(volumes).contains(mount.get("name").asString());
            }
            for (JsonNode volume : workload.at("/spec/template/spec/volumes").values()) {
                if (volume.has("configMap"))
                    manifests.one("ConfigMap", volume.at("/configMap/name").asString());
                if (volume.has("persistentVolumeClaim"))
                    manifests.one(
                            "PersistentVolumeClaim",
                            volume.at("/persistentVolumeClaim/claimName").asString());
                if (volume.has("secret")) {
                    String secret = volume.at("/secret/secretName").asString();
                    assertThat(secrets).containsKey(secret);
                    for (JsonNode item : volume.at("/secret/items").values())
                        assertThat(secrets.get(secret)).contains(item.get("key").asString());
                }
            }
        }
    }

    private static void exists(JsonNode reference) {
        assertThat(secrets).containsKey(reference.get("name").asString());
        assertThat(secrets.get(reference.get("name").asString()))
                .contains(reference.get("key").asString());
    }

    /** A pod that is taken over has the rights of its own user and no others. */
    @ParameterizedTest
    @MethodSource("all")
    void a_service_has_no_password_of_another_user(Manifests manifests) {
        for (String service : SERVICES) {
            List<String> keys =
                    manifests
                            .one("Deployment", service)
                            .at("/spec/template/spec/containers/0/env")
                            .findValues("secretKeyRef")
                            .stream()
                            .map(key ->
                                    key.get("name").asString() + " " + key.get("key").asString())
                            .filter(key -> key.matches("(mongodb|rabbitmq|mysql) .*"))
                            .toList();
            assertThat(keys)
                    .as(service)
                    .containsExactlyInAnyOrderElementsOf(
                            service.equals("auth")
                                    ? List.of("mysql password", "mysql migration-password")
                                    : List.of(
                                            "mongodb " + service + "-uri",
                                            "rabbitmq " + service + "-password"));
        }
    }

    @Test
    void the_keys_of_auth_are_a_file_that_it_reads() throws Exception {
        JsonNode auth = rendered("minikube").one("Deployment", "auth");
        assertThat(environment(rendered("minikube"), "auth"))
                .containsEntry("JWT_KEYS_DIR", "/keys");
        assertThat(auth.at("/spec/template/spec/containers/0/volumeMounts").valueStream())
                .anyMatch(mount -> mount.get("mountPath").asString().equals("/keys"));
        assertThat(secrets.get("auth-keys")).singleElement().asString().endsWith(".pem");
        String pem = decode(Manifests.parse(makeSecrets(Map.of())), "auth-keys", null);
        String base64 = pem.replaceAll("-----[A-Z ]+-----|\\s", "");
        assertThat(pem).startsWith("-----BEGIN PRIVATE KEY-----");
        assertThat(
                        KeyFactory.getInstance("RSA")
                                .generatePrivate(
                                        new PKCS8EncodedKeySpec(
                                                Base64.getDecoder().decode(base64))))
                .isInstanceOfSatisfying(
                        RSAPrivateCrtKey.class,
                        key -> assertThat(key.getModulus().bitLength()).isEqualTo(3072));
    }

    private static String decode(List<JsonNode> made, String secret, String key) {
        JsonNode data =
                made.stream()
                        .filter(each -> name(each).equals(secret))
                        .findFirst()
                        .orElseThrow()
                        .get("data");
        JsonNode value = key == null ? data.values().iterator().next() : data.get(key);
        return new String(Base64.getDecoder().decode(value.asString()), StandardCharsets.UTF_8);
    }

    @Test
    void secrets_are_random_or_from_the_environment() throws Exception {
        List<JsonNode> first = Manifests.parse(makeSecrets(Map.of()));
        List<JsonNode> second = Manifests.parse(makeSecrets(Map.of()));
        for (String[] each :
                new String[][] {
                    {"admin", "password"},
                    {"mongodb", "password"},
                    {"mongodb", "uri"},
                    {"mongodb", "keyfile"},
                    {"mysql", "password"},
                    {"mysql", "migration-password"},
                    {"mysql", "root-password"},
                    {"rabbitmq", "password"},
                    {"rabbitmq", "gateway-password"},
                    {"rabbitmq", "converter-password"},
                    {"rabbitmq", "notification-password"}
                }) {
            assertThat(decode(first, each[0], each[1]))
                    .as("%s %s", (Object[]) each)
                    .hasSizeGreaterThan(30)
                    .isNotEqualTo(decode(second, each[0], each[1]));
        }
        assertThat(decode(first, "mongodb", "uri"))
                .isEqualTo(
                        "mongodb://tomp3:%s@mongodb-members:27017/tomp3?authSource=admin&replicaSet=rs0"
                                .formatted(decode(first, "mongodb", "password")));
        for (String service : List.of("gateway", "converter", "notification"))
            assertThat(decode(first, "mongodb", service + "-uri"))
                    .isEqualTo(
                            "mongodb://%s:%s@mongodb-members:27017/tomp3?authSource=admin&replicaSet=rs0"
                                    .formatted(
                                            service,
                                            decode(first, "mongodb", service + "-password")));
        // mongod takes 6 to 1024 characters of Base64
        assertThat(decode(first, "mongodb", "keyfile").replaceAll("\\s", ""))
                .matches("[A-Za-z0-9+/=]{6,1024}");

        List<JsonNode> given =
                Manifests.parse(
                        makeSecrets(
                                Map.of(
                                        "ADMIN_EMAIL", "me@example.org",
                                        "ADMIN_PASSWORD", "pässword: \"x\"",
                                        "MONGODB_URI", "mongodb://u:p@db/x",
                                        "MONGODB_CONVERTER_URI", "mongodb://c:p@db/x",
                                        "MYSQL_PASSWORD", "it's mysql",
                                        "RABBITMQ_PASSWORD", "rabbit",
                                        "SMTP_PASSWORD", "smtp")));
        assertThat(decode(given, "admin", "email")).isEqualTo("me@example.org");
        assertThat(decode(given, "admin", "password")).isEqualTo("pässword: \"x\"");
        assertThat(decode(given, "mongodb", "uri")).isEqualTo("mongodb://u:p@db/x");
        assertThat(decode(given, "mongodb", "gateway-uri")).isEqualTo("mongodb://u:p@db/x");
        assertThat(decode(given, "mongodb", "converter-uri")).isEqualTo("mongodb://c:p@db/x");
        assertThat(decode(given, "mysql", "migration-password")).isEqualTo("it's mysql");
        assertThat(decode(given, "rabbitmq", "notification-password")).isEqualTo("rabbit");
        assertThat(decode(given, "smtp", "password")).isEqualTo("smtp");
        for (JsonNode secret : given) assertThat(types.problems(secret)).isEmpty();
    }

    @Test
    void the_manual_lists_the_keys_of_every_secret() throws Exception {
        List<String> lines =
                Files.readAllLines(ROOT.resolve("docs/kubernetes.md")).stream()
                        .filter(line -> line.startsWith("| `"))
                        .toList();
        secrets.forEach((secret, keys) -> {
            String row =
                    lines.stream()
                            .filter(line -> line.startsWith("| `" + secret + "` |"))
                            .findFirst()
                            .orElseThrow();
            for (String key : keys)
                assertThat(row).contains("`" + (key.endsWith(".pem") ? "NAME.pem" : key) + "`");
        });
    }

    /** What a reader pastes into an overlay, and objects that a reader applies. */
    @Test
    void the_examples_of_the_manual_can_be_applied() throws Exception {
        Matcher example =
                Pattern.compile("(?ms)^```yaml\n(.*?)^```$")
                        .matcher(Files.readString(ROOT.resolve("docs/kubernetes.md")));
        int patches = 0;
        int objects = 0;
        while (example.find()) {
            String yaml = example.group(1);
            if (yaml.startsWith("patches:")) {
                Manifests patched =
                        Manifests.render(
                                "example-" + ++patches,
                                "minikube",
                                List.of("gateway-api", "monitoring", "monitoring-rabbitmq"),
                                yaml);
                assertThat(patched.objects()).isNotEqualTo(rendered("minikube").objects());
                for (JsonNode object : patched.objects())
                    assertThat(types.problems(object)).as(yaml).isEmpty();
            } else {
                for (JsonNode object : Manifests.parse(yaml)) {
                    assertThat(name(object)).isNotBlank();
                    objects++;
                }
            }
        }
        assertThat(patches).isEqualTo(3);
        assertThat(objects).isGreaterThan(5);
    }

    @Test
    void existing_secrets_are_left_alone(@TempDir Path directory) throws Exception {
        Path log = directory.resolve("log");
        Path kubectl = directory.resolve("kubectl");
        Files.writeString(
                kubectl,
                """
                #!/bin/sh
                echo "$*" >>'%s'
                case "$*" in
                  *"get secret"*) echo $EXISTING ;;
                  "create -f -") cat >'%s' ;;
                esac
                """
                        .formatted(log, directory.resolve("created")));
        assertThat(kubectl.toFile().setExecutable(true)).isTrue();
        for (String existing : List.of("secret/mysql", "")) {
            ProcessBuilder builder =
                    new ProcessBuilder(ROOT.resolve("k8s/make-secrets").toString())
                            .redirectErrorStream(true)
                            .redirectOutput(directory.resolve("output").toFile());
            builder.environment().put("KUBECTL", kubectl.toString());
            builder.environment().put("EXISTING", existing);
            Process process = builder.start();
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            String output = Files.readString(directory.resolve("output"));
            if (existing.isEmpty()) {
                assertThat(process.exitValue()).as(output).isZero();
                List<JsonNode> created = Manifests.parse(directory.resolve("created"));
                assertThat(created).hasSameSizeAs(secrets.keySet());
                assertThat(output)
                        .contains(
                                "export USER_PASSWORD='admin@tomp3.example.com:%s'"
                                        .formatted(decode(created, "admin", "password")));
            } else {
                assertThat(process.exitValue()).isEqualTo(1);
                assertThat(output).contains("secret/mysql");
                assertThat(directory.resolve("created")).doesNotExist();
            }
        }
        assertThat(Files.readString(log))
                .contains("apply -f " + ROOT.resolve("k8s/base/namespace.yaml"))
                .contains(String.join(" ", new TreeSet<>(secrets.keySet())));
    }

    @ParameterizedTest
    @MethodSource("all")
    void probes_and_services_use_ports_of_containers(Manifests manifests) {
        for (JsonNode workload : manifests.workloads().toList()) {
            JsonNode container = workload.at("/spec/template/spec/containers/0");
            Map<String, Integer> ports = ports(workload);
            for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
                assertThat(container.has(probe)).as("%s %s", name(workload), probe).isTrue();
                for (String way : List.of("httpGet", "tcpSocket")) {
                    JsonNode port = container.path(probe).path(way).path("port");
                    if (!port.isMissingNode()) assertThat(ports).containsKey(port.asString());
                }
            }
            JsonNode scraped = workload.at("/spec/template/metadata/annotations");
            if (scraped.isObject())
                assertThat(ports)
                        .containsValue(
                                Integer.valueOf(scraped.get("prometheus.io/port").asString()));
            if (SERVICES.contains(name(workload))) {
                assertThat(container.at("/readinessProbe/httpGet/path").asString())
                        .isEqualTo("/health/ready");
                for (String probe : List.of("startupProbe", "livenessProbe"))
                    assertThat(container.at("/" + probe + "/httpGet/path").asString())
                            .isEqualTo("/health/live");
                assertThat(scraped.get("prometheus.io/path").asString()).isEqualTo("/metrics");
            }
        }
        for (JsonNode service : manifests.ofKind("Service").toList()) {
            List<JsonNode> behind =
                    manifests
                            .workloads()
                            .filter(each -> labelled(each, service.at("/spec/selector")))
                            .toList();
            assertThat(behind).as("behind the service %s", name(service)).hasSize(1);
            for (JsonNode port : service.at("/spec/ports").values())
                assertThat(ports(behind.getFirst()))
                        .containsEntry(port.get("targetPort").asString(), port.get("port").asInt());
        }
    }

    static Map<String, Integer> ports(JsonNode workload) {
        Map<String, Integer> ports = new HashMap<>();
        for (JsonNode port : workload.at("/spec/template/spec/containers/0/ports").values())
            ports.put(port.get("name").asString(), port.get("containerPort").asInt());
        return ports;
    }

    /** Whether the pods of the workload have these labels. */
    static boolean labelled(JsonNode workload, JsonNode labels) {
        return workload.at("/spec/template/metadata/labels")
                .properties()
                .containsAll(labels.properties());
    }

    @ParameterizedTest
    @MethodSource("all")
    void selectors_match_pods(Manifests manifests) {
        for (JsonNode workload : manifests.workloads().toList()) {
            assertThat(labelled(workload, workload.at("/spec/selector/matchLabels"))).isTrue();
            for (JsonNode spread :
                    workload.at("/spec/template/spec/topologySpreadConstraints").values())
                assertThat(labelled(workload, spread.at("/labelSelector/matchLabels"))).isTrue();
        }
        for (String service : SERVICES) {
            JsonNode deployment = manifests.one("Deployment", service);
            assertThat(deployment.at("/spec/template/spec/topologySpreadConstraints")).isNotEmpty();
            JsonNode budget = manifests.one("PodDisruptionBudget", service);
            assertThat(labelled(deployment, budget.at("/spec/selector/matchLabels"))).isTrue();
            assertThat(deployment.at("/spec/strategy/rollingUpdate/maxUnavailable").asInt(1))
                    .isZero();
        }
        Stream.concat(manifests.ofKind("HorizontalPodAutoscaler"), manifests.ofKind("ScaledObject"))
                .map(scaler -> scaler.at("/spec/scaleTargetRef"))
                .forEach(target ->
                        manifests.one(
                                target.get("kind").asString(), target.get("name").asString()));
        assertThat(manifests.one("Deployment", "gateway").at("/spec/replicas").isMissingNode())
                .as("whose number an autoscaler sets has none of its own")
                .isTrue();
        for (JsonNode policy : manifests.ofKind("NetworkPolicy").toList()) {
            JsonNode selector = policy.at("/spec/podSelector");
            // stores that are elsewhere have no pods, and cert-manager makes its own
            if (name(policy).equals("keda-to-rabbitmq")
                    && manifests.name().startsWith("production")) continue;
            if (name(policy).endsWith("-to-acme-solver")) continue;
            assertThat(manifests.podMakers().filter(each -> selected(each, selector)))
                    .as(name(policy))
                    .isNotEmpty();
        }
    }

    /** By labels, or by the names listed for one label. */
    private static boolean selected(JsonNode workload, JsonNode selector) {
        return labelled(workload, selector.path("matchLabels"))
                && selector.path("matchExpressions")
                        .valueStream()
                        .allMatch(expression ->
                                expression
                                        .get("values")
                                        .valueStream()
                                        .anyMatch(value ->
                                                value.equals(
                                                        workload.at(
                                                                        "/spec/template/metadata/labels")
                                                                .get(
                                                                        expression
                                                                                .get("key")
                                                                                .asString()))));
    }

    @ParameterizedTest
    @MethodSource("all")
    void every_pod_meets_the_restricted_pod_security_standard(Manifests manifests) {
        assertThat(
                        manifests
                                .one("Namespace", "tomp3")
                                .at("/metadata/labels")
                                .get("pod-security.kubernetes.io/enforce")
                                .asString())
                .isEqualTo("restricted");
        assertThat(manifests.workloads().map(Manifests::name)).containsAll(SERVICES);
        boolean openshift = manifests.name().contains("openshift");
        for (JsonNode workload : manifests.podMakers().toList()) {
            String name = name(workload);
            JsonNode pod = workload.at("/spec/template/spec");
            assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean(false)).as(name).isTrue();
            for (String id : List.of("runAsUser", "runAsGroup", "fsGroup"))
                // OpenShift rejects ids that are not those of the namespace
                if (openshift) assertThat(pod.get("securityContext").has(id)).as(name).isFalse();
                else
                    assertThat(pod.at("/securityContext/" + id).asInt(0))
                            .as(name)
                            .isEqualTo(SERVICES.contains(name) ? 10001 : 999);
            assertThat(pod.at("/securityContext/seccompProfile/type").asString(""))
                    .as(name)
                    .isEqualTo("RuntimeDefault");
            assertThat(pod.path("automountServiceAccountToken").asBoolean(true)).as(name).isFalse();
            assertThat(pod.path("enableServiceLinks").asBoolean(true)).as(name).isFalse();
            for (String host : List.of("hostNetwork", "hostPID", "hostIPC", "hostUsers"))
                assertThat(pod.has(host)).as(name).isFalse();
            for (JsonNode container : containers(workload).toList()) {
                JsonNode context = container.path("securityContext");
                assertThat(context.path("allowPrivilegeEscalation").asBoolean(true))
                        .as(name)
                        .isFalse();
                assertThat(context.path("readOnlyRootFilesystem").asBoolean(false))
                        .as(name)
                        .isTrue();
                assertThat(context.at("/capabilities/drop").valueStream().map(JsonNode::asString))
                        .as(name)
                        .containsExactly("ALL");
                assertThat(new HashSet<>(context.propertyNames()))
                        .isSubsetOf(
                                Set.of(
                                        "allowPrivilegeEscalation",
                                        "readOnlyRootFilesystem",
                                        "capabilities"));
                for (JsonNode port : container.path("ports").values())
                    assertThat(port.has("hostPort")).as(name).isFalse();
                assertThat(container.at("/resources/requests").has("cpu")).as(name).isTrue();
                assertThat(container.at("/resources/requests").has("memory")).as(name).isTrue();
                assertThat(container.at("/resources/limits").has("memory")).as(name).isTrue();
            }
            for (JsonNode volume : pod.path("volumes").values()) {
                assertThat(
                                volume.has("emptyDir")
                                        || volume.has("configMap")
                                        || volume.has("secret")
                                        || volume.has("ephemeral")
                                        || volume.has("persistentVolumeClaim"))
                        .as(volume.toString())
                        .isTrue();
                if (volume.has("emptyDir"))
                    assertThat(volume.get("emptyDir").has("sizeLimit"))
                            .as(volume.toString())
                            .isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void the_grace_period_of_a_pod_covers_the_shutdown_of_its_service(Manifests manifests) {
        for (String service : SERVICES) {
            JsonNode pod = manifests.one("Deployment", service).at("/spec/template/spec");
            int sleep = pod.at("/containers/0/lifecycle/preStop/sleep/seconds").asInt(0);
            Duration grace =
                    service.equals("auth")
                            ? Duration.ofSeconds(20)
                            : DurationStyle.detectAndParse(
                                    environment(manifests, service)
                                            .getOrDefault("SHUTDOWN_GRACE", "30s"));
            assertThat(pod.get("terminationGracePeriodSeconds").asLong())
                    .as(service)
                    .isGreaterThan(sleep + grace.toSeconds());
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void the_converter_has_enough_memory_and_disk_space_for_its_workers(Manifests manifests) {
        Map<String, String> environment = environment(manifests, "converter");
        JsonNode pod = manifests.one("Deployment", "converter").at("/spec/template/spec");
        int workers = Integer.parseInt(environment.get("WORKERS"));
        int encoders = Integer.parseInt(environment.get("ENCODERS"));
        long ffmpeg = DataSize.parse(environment.get("FFMPEG_MEMORY")).toBytes();
        Matcher heap = Pattern.compile("-Xmx(\\d+)m").matcher(environment.get("JDK_JAVA_OPTIONS"));
        assertThat(heap.find()).isTrue();
        JsonNode resources = pod.at("/containers/0/resources");
        // minikube has few CPUs, and a rollout needs room for two
        if (manifests.name().startsWith("minikube"))
            assertThat(resources.at("/requests/cpu").asString()).isEqualTo("250m");
        else assertThat(resources.at("/requests/cpu").asString()).isEqualTo("" + workers);
        // as much as the heap for the rest of the JVM
        assertThat(bytes(resources.at("/limits/memory")))
                .isGreaterThanOrEqualTo(
                        workers * ffmpeg
                                + encoders * DataSize.ofMegabytes(64).toBytes()
                                + 2
                                        * DataSize.ofMegabytes(Long.parseLong(heap.group(1)))
                                                .toBytes());
        assertThat(environment.get("WORK_DIR")).startsWith("/work/");
        JsonNode work =
                pod.get("volumes")
                        .valueStream()
                        .filter(volume -> volume.get("name").asString().equals("work"))
                        .findFirst()
                        .orElseThrow();
        boolean volume = work.has("ephemeral");
        long size =
                bytes(
                        volume
                                ? work.at(
                                        "/ephemeral/volumeClaimTemplate/spec/resources/requests/storage")
                                : work.at("/emptyDir/sizeLimit"));
        assertThat(size)
                .isGreaterThan(
                        2L * workers * DataSize.parse(environment.get("MAX_OUTPUT")).toBytes());
        // /work, /tmp and the log, or the pod is evicted before /work is full
        assertThat(bytes(resources.get("limits").get("ephemeral-storage")))
                .isGreaterThan((volume ? 0 : size) + DataSize.ofMegabytes(128).toBytes());
        assertThat(bytes(resources.get("requests").get("ephemeral-storage"))).isPositive();
        manifests
                .ofKind("ScaledObject")
                .forEach(scaled ->
                        assertThat(scaled.at("/spec/triggers/0/metadata/targetValue").asString())
                                .isEqualTo("" + workers));
    }

    @Test
    void a_converter_that_is_stopped_has_time_for_its_longest_job() {
        Manifests manifests = rendered("production with long-jobs");
        Map<String, String> environment = environment(manifests, "converter");
        Duration grace = DurationStyle.detectAndParse(environment.get("SHUTDOWN_GRACE"));
        // a job that needs more than two thirds of the grace period is released at once
        assertThat(grace.multipliedBy(2).dividedBy(3))
                .isGreaterThanOrEqualTo(DurationStyle.detectAndParse(environment.get("JOB_LIMIT")));
    }

    /** What minikube itself requests with its addons, and KEDA, in thousandths of a CPU. */
    private static final int SYSTEM = 1200 + 300;

    @Test
    void a_rollout_of_everything_fits_on_four_cpus() {
        Manifests minikube = rendered("minikube");
        int all = minikube.workloads().mapToInt(ManifestsTest::cpu).sum();
        int surge =
                SERVICES.stream()
                        .mapToInt(service -> cpu(minikube.one("Deployment", service)))
                        .sum();
        assertThat(SYSTEM + all + surge).isLessThanOrEqualTo(4000);
    }

    private static int cpu(JsonNode workload) {
        return containers(workload)
                .map(container -> container.at("/resources/requests/cpu").asString())
                .mapToInt(cpu ->
                        cpu.endsWith("m")
                                ? Integer.parseInt(cpu.replace("m", ""))
                                : 1000 * Integer.parseInt(cpu))
                .sum();
    }

    private static long bytes(JsonNode quantity) {
        String text = quantity.asString();
        return DataSize.parse(text.replace("Mi", "MB").replace("Gi", "GB")).toBytes();
    }

    @Test
    void production_takes_images_by_digest_and_stores_from_outside() {
        Manifests production = rendered("production");
        assertThat(production.workloads().map(Manifests::name))
                .containsExactlyInAnyOrderElementsOf(SERVICES);
        for (JsonNode workload : production.workloads().toList()) {
            assertThat(containers(workload))
                    .allMatch(container ->
                            container.get("image").asString().matches(".+@sha256:[0-9a-f]{64}"));
            if (!name(workload).equals("gateway"))
                assertThat(workload.at("/spec/replicas").asInt(1)).isGreaterThan(1);
        }
        assertThat(
                        production
                                .one("HorizontalPodAutoscaler", "gateway")
                                .at("/spec/minReplicas")
                                .asInt())
                .isGreaterThan(1);
    }

    @Test
    void the_services_use_the_stores_of_the_overlay() {
        Map<String, String> hosts =
                Map.of("minikube", "mysql", "minikube-host", "host.minikube.internal");
        hosts.forEach((overlay, host) ->
                assertThat(environment(rendered(overlay), "auth"))
                        .containsEntry("MYSQL_HOST", host));
        rendered("minikube").one("Service", "mysql");
        rendered("minikube").one("Service", "rabbitmq");
        rendered("minikube").one("Service", "mongodb-members");
        assertThat(environment(rendered("minikube"), "gateway"))
                .containsEntry("AUTH_SVC_ADDRESS", "auth:5000");
        assertThat(rendered("minikube-host").ofKind("StatefulSet")).isEmpty();
    }
}
