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
        all = new ArrayList<>();
        for (String overlay : overlays())
            all.add(Manifests.render(overlay, ROOT.resolve("k8s/overlays").resolve(overlay)));
        all.add(Manifests.render("minikube", List.of("keda", "podmonitor")));
        all.add(Manifests.render("production", List.of("keda", "podmonitor")));
        secrets =
                Manifests.parse(makeSecrets(Map.of())).stream()
                        .collect(
                                Collectors.toMap(
                                        Manifests::name,
                                        secret -> Set.copyOf(secret.get("data").propertyNames())));
    }

    private static List<String> overlays() throws IOException {
        try (Stream<Path> directories = Files.list(ROOT.resolve("k8s/overlays"))) {
            return directories.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private static String makeSecrets(Map<String, String> environment) throws Exception {
        return Manifests.run(
                environment, List.of(ROOT.resolve("k8s/make-secrets").toString(), "--print"));
    }

    static List<Manifests> all() {
        return all;
    }

    private static Manifests rendered(String name) {
        return all.stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
    }

    @Test
    void there_are_the_three_overlays() throws IOException {
        assertThat(overlays()).containsExactly("minikube", "minikube-host", "production");
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
        for (JsonNode object : rendered("minikube with keda and podmonitor").objects()) {
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
                        FREE.contains(entry.getKey())
                                && entry.getValue().valueStream().allMatch(JsonNode::isValueNode);
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
        for (JsonNode workload : manifests.workloads().toList()) {
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
                if (volume.has("secret")) {
                    String secret = volume.at("/secret/secretName").asString();
                    assertThat(secrets).containsKey(secret);
                    for (JsonNode item : volume.at("/secret/items").values())
                        assertThat(secrets.get(secret)).contains(item.get("key").asString());
                }
            }
        }
        manifests
                .ofKind("TriggerAuthentication")
                .flatMap(object -> object.at("/spec/secretTargetRef").valueStream())
                .forEach(ManifestsTest::exists);
    }

    private static void exists(JsonNode reference) {
        assertThat(secrets).containsKey(reference.get("name").asString());
        assertThat(secrets.get(reference.get("name").asString()))
                .contains(reference.get("key").asString());
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
                    {"mysql", "root-password"},
                    {"rabbitmq", "password"}
                }) {
            assertThat(decode(first, each[0], each[1]))
                    .as("%s %s", (Object[]) each)
                    .hasSizeGreaterThan(30)
                    .isNotEqualTo(decode(second, each[0], each[1]));
        }
        assertThat(decode(first, "mongodb", "uri"))
                .isEqualTo(
                        "mongodb://tomp3:%s@mongodb:27017/tomp3?authSource=admin"
                                .formatted(decode(first, "mongodb", "password")));
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
                                        "SMTP_PASSWORD", "smtp")));
        assertThat(decode(given, "admin", "email")).isEqualTo("me@example.org");
        assertThat(decode(given, "admin", "password")).isEqualTo("pässword: \"x\"");
        assertThat(decode(given, "mongodb", "uri")).isEqualTo("mongodb://u:p@db/x");
        assertThat(decode(given, "smtp", "password")).isEqualTo("smtp");
        for (JsonNode secret : given) assertThat(types.problems(secret)).isEmpty();
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
                                "export USER_PASSWORD='admin@mp3converter.com:%s'"
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
        for (JsonNode monitor : manifests.ofKind("PodMonitor").toList()) {
            JsonNode labels = monitor.at("/spec/selector/matchLabels");
            Set<String> ports =
                    monitor.at("/spec/podMetricsEndpoints")
                            .valueStream()
                            .map(endpoint -> endpoint.get("port").asString())
                            .collect(Collectors.toSet());
            assertThat(
                            manifests
                                    .workloads()
                                    .filter(each -> labelled(each, labels))
                                    .filter(each ->
                                            ports(each).keySet().stream().anyMatch(ports::contains))
                                    .map(Manifests::name))
                    .containsExactlyInAnyOrderElementsOf(
                            manifests
                                    .workloads()
                                    .filter(each ->
                                            each.at("/spec/template/metadata/annotations")
                                                    .has("prometheus.io/scrape"))
                                    .map(Manifests::name)
                                    .toList());
        }
    }

    private static Map<String, Integer> ports(JsonNode workload) {
        Map<String, Integer> ports = new HashMap<>();
        for (JsonNode port : workload.at("/spec/template/spec/containers/0/ports").values())
            ports.put(port.get("name").asString(), port.get("containerPort").asInt());
        return ports;
    }

    /** Whether the pods of the workload have these labels. */
    private static boolean labelled(JsonNode workload, JsonNode labels) {
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
            // stores that are elsewhere have no pods
            if (name(policy).equals("keda-to-rabbitmq")
                    && manifests.name().startsWith("production")) continue;
            assertThat(manifests.workloads().filter(each -> selected(each, selector)))
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
        for (JsonNode workload : manifests.workloads().toList()) {
            String name = name(workload);
            JsonNode pod = workload.at("/spec/template/spec");
            assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean(false)).as(name).isTrue();
            assertThat(pod.at("/securityContext/runAsUser").asInt(0)).as(name).isPositive();
            if (SERVICES.contains(name))
                assertThat(pod.at("/securityContext/runAsUser").asInt()).isEqualTo(10001);
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
                                        || volume.has("secret"))
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
        assertThat(resources.at("/requests/cpu").asString()).isEqualTo("" + workers);
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
        assertThat(bytes(work.at("/emptyDir/sizeLimit")))
                .isGreaterThan(
                        2L * workers * DataSize.parse(environment.get("MAX_OUTPUT")).toBytes());
        manifests
                .ofKind("ScaledObject")
                .forEach(scaled ->
                        assertThat(scaled.at("/spec/triggers/0/metadata/value").asString())
                                .isEqualTo("" + workers));
    }

    private static long bytes(JsonNode quantity) {
        String text = quantity.asString();
        return DataSize.parse(text.replace("Mi", "MB").replace("Gi", "GB")).toBytes();
    }

    @ParameterizedTest
    @MethodSource("all")
    void the_ingress_exposes_only_the_public_interface(Manifests manifests) throws IOException {
        JsonNode ingress = manifests.one("Ingress", "gateway");
        assertThat(manifests.ofKind("Ingress")).hasSize(1);
        assertThat(ingress.at("/spec/defaultBackend").isMissingNode()).isTrue();
        assertThat(ingress.at("/spec/rules")).hasSize(1);
        assertThat(ingress.at("/spec/rules/0/host").asString()).isEqualTo("mp3converter.com");
        List<JsonNode> routes = ingress.at("/spec/rules/0/http/paths").valueStream().toList();
        for (JsonNode route : routes) {
            if (!route.get("pathType").asString().equals("ImplementationSpecific"))
                assertThat(route.get("path").asString()).matches("/[A-Za-z0-9/_-]+");
            assertThat(route.at("/backend/service"))
                    .hasToString("{\"name\":\"gateway\",\"port\":{\"name\":\"http\"}}");
        }

        // everything that docs/api.md lists and that auth does not have to itself
        Set<String> listed = new TreeSet<>(Set.of("/swagger-ui.html", "/swagger-ui/index.html"));
        Matcher found =
                Pattern.compile("`(?:GET\\|HEAD|GET|POST|PATCH|DELETE) (/[a-z/]+)")
                        .matcher(Files.readString(ROOT.resolve("docs/api.md")));
        while (found.find()) listed.add(found.group(1));
        listed.removeAll(Set.of("/validate", "/"));
        assertThat(listed).contains("/login", "/upload", "/jobs", "/download");
        for (String path : listed)
            assertThat(routes).as(path).anyMatch(route -> leads(route, path));
        for (String path :
                List.of("/", "/metrics", "/health", "/health/ready", "/actuator", "/validate"))
            assertThat(routes).as(path).noneMatch(route -> leads(route, path));

        JsonNode annotations = ingress.at("/metadata/annotations");
        String nginx = "nginx.ingress.kubernetes.io/";
        assertThat(annotations.get(nginx + "proxy-body-size").asString()).isEqualTo("0");
        assertThat(annotations.get(nginx + "proxy-buffering").asString()).isEqualTo("off");
        assertThat(annotations.get(nginx + "proxy-request-buffering").asString()).isEqualTo("off");
    }

    private static boolean leads(JsonNode route, String path) {
        String to = route.get("path").asString();
        return switch (route.get("pathType").asString()) {
            case "Exact" -> path.equals(to);
            case "Prefix" -> path.equals(to) || path.startsWith(to.replaceAll("/$", "") + "/");
            // what ingress-nginx makes of it
            case "ImplementationSpecific" -> path.startsWith(to);
            default -> throw new AssertionError(route);
        };
    }

    @ParameterizedTest
    @MethodSource("all")
    void network_policies_allow_only_the_listed_traffic(Manifests manifests) {
        JsonNode deny = manifests.one("NetworkPolicy", "default-deny").get("spec");
        assertThat(deny)
                .hasToString("{\"podSelector\":{},\"policyTypes\":[\"Ingress\",\"Egress\"]}");
        for (JsonNode policy : manifests.ofKind("NetworkPolicy").toList()) {
            List<JsonNode> rules =
                    Stream.of("/spec/ingress", "/spec/egress")
                            .flatMap(side -> policy.at(side).valueStream())
                            .toList();
            for (JsonNode rule : rules) {
                assertThat(rule.path("ports")).as(name(policy)).isNotEmpty();
                // mail servers may be anywhere; a selector of namespaces alone is a whole namespace
                if (!name(policy).equals("notification-to-smtp"))
                    assertThat(rule.has("to") || rule.has("from")).as(name(policy)).isTrue();
                for (JsonNode peer : Stream.of("to", "from").map(rule::path).toList())
                    for (JsonNode each : peer.values())
                        assertThat(each.has("podSelector") || each.has("ipBlock"))
                                .as(name(policy))
                                .isTrue();
            }
            // the rules of a direction that is not named have no effect, or more than is meant
            Set<String> directions =
                    policy.at("/spec/policyTypes")
                            .valueStream()
                            .map(JsonNode::asString)
                            .collect(Collectors.toSet());
            assertThat(policy.get("spec").has("ingress"))
                    .isEqualTo(
                            directions.contains("Ingress") && !name(policy).equals("default-deny"));
            assertThat(policy.get("spec").has("egress"))
                    .isEqualTo(
                            directions.contains("Egress") && !name(policy).equals("default-deny"));
        }

        assertThat(out(manifests, "converter")).containsExactlyInAnyOrder(53, 27017, 5672);
        assertThat(out(manifests, "auth")).containsExactlyInAnyOrder(53, 3306);
        assertThat(out(manifests, "gateway")).containsExactlyInAnyOrder(53, 5000, 27017, 5672);
        assertThat(out(manifests, "notification"))
                .containsExactlyInAnyOrder(53, 27017, 5672, 25, 465, 587);
        assertThat(in(manifests, "gateway"))
                .containsExactlyInAnyOrder("ingress-nginx:8080", "prometheus:8080");
        assertThat(in(manifests, "auth"))
                .containsExactlyInAnyOrder("gateway:5000", "prometheus:5000");
        assertThat(in(manifests, "converter")).containsExactly("prometheus:9100");
        assertThat(in(manifests, "notification")).containsExactly("prometheus:9100");
        if (!manifests.name().startsWith("minikube ") && !manifests.name().equals("minikube"))
            return;
        assertThat(in(manifests, "mysql")).containsExactly("auth:3306");
        assertThat(in(manifests, "mongodb"))
                .containsExactlyInAnyOrder(
                        "gateway:27017", "converter:27017", "notification:27017", "mongodb:27017");
        assertThat(out(manifests, "mysql")).containsExactly(53);
        assertThat(out(manifests, "rabbitmq")).containsExactly(53);
        List<String> rabbitmq =
                new ArrayList<>(
                        List.of(
                                "gateway:5672",
                                "converter:5672",
                                "notification:5672",
                                "prometheus:15692"));
        if (manifests.name().contains("keda")) rabbitmq.add("keda-operator:15672");
        assertThat(in(manifests, "rabbitmq")).containsExactlyInAnyOrderElementsOf(rabbitmq);
    }

    private static Stream<JsonNode> policies(Manifests manifests, String workload) {
        JsonNode pods =
                manifests
                        .workloads()
                        .filter(each -> name(each).equals(workload))
                        .findFirst()
                        .orElseThrow();
        return manifests
                .ofKind("NetworkPolicy")
                .filter(policy -> selected(pods, policy.at("/spec/podSelector")));
    }

    /** The ports that its pods may go to. */
    private static Set<Integer> out(Manifests manifests, String workload) {
        return policies(manifests, workload)
                .flatMap(policy -> policy.at("/spec/egress").valueStream())
                .flatMap(rule -> rule.get("ports").valueStream())
                .map(port -> port.get("port").asInt())
                .collect(Collectors.toSet());
    }

    /** Who may come to its pods, each with the port. */
    private static List<String> in(Manifests manifests, String workload) {
        List<String> found = new ArrayList<>();
        for (JsonNode rule :
                policies(manifests, workload)
                        .flatMap(policy -> policy.at("/spec/ingress").valueStream())
                        .toList()) {
            for (JsonNode from : rule.get("from").values()) {
                JsonNode pods = from.get("podSelector");
                Stream.concat(
                                pods.path("matchLabels").valueStream(),
                                pods.path("matchExpressions")
                                        .valueStream()
                                        .flatMap(each -> each.get("values").valueStream()))
                        .forEach(who ->
                                rule.get("ports")
                                        .forEach(port ->
                                                found.add(
                                                        who.asString()
                                                                + ":"
                                                                + port.get("port").asInt())));
            }
        }
        return found;
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
        rendered("minikube").one("Service", "mongodb");
        assertThat(environment(rendered("minikube"), "gateway"))
                .containsEntry("AUTH_SVC_ADDRESS", "auth:5000");
        assertThat(rendered("minikube-host").ofKind("StatefulSet")).isEmpty();
    }
}
