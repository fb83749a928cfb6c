package dev.tomp3.endtoend.deployment;

import static dev.tomp3.endtoend.deployment.Manifests.ROOT;
import static dev.tomp3.endtoend.deployment.Manifests.name;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.endtoend.deployment.NetworkPolicies.End;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Which pods may connect to which, computed from the rendered policies for all pairs and ports. */
@Tag("kubectl")
class NetworkPoliciesTest {
    private static final String NAME = "app.kubernetes.io/name";

    /** Those of all containers, of mail servers, of the solver, and of nobody. */
    private static final Set<Integer> PORTS =
            Set.of(
                    25, 80, 443, 465, 587, 1025, 2525, 3306, 5000, 5671, 5672, 8080, 8089, 9100,
                    15672, 15692, 27017);

    /** Pods of other namespaces that some component admits. */
    private static final List<End> ADMITTED =
            List.of(
                    End.pod("Traefik, in kube-system", "kube-system", Map.of(NAME, "traefik")),
                    End.pod("Traefik, in traefik", "traefik", Map.of(NAME, "traefik")),
                    End.pod("ingress-nginx", "ingress-nginx", Map.of(NAME, "ingress-nginx")),
                    End.pod(
                            "proxies of the Gateway, in gateway",
                            "gateway",
                            Map.of("gateway.networking.k8s.io/gateway-name", "public")),
                    End.pod("Envoy Gateway", "envoy-gateway-system", Map.of(NAME, "envoy")),
                    End.pod("Prometheus, in monitoring", "monitoring", Map.of(NAME, "prometheus")),
                    End.pod("KEDA", "keda", Map.of("app", "keda-operator")));

    private static final End SOLVER =
            End.pod(
                    "solver of cert-manager",
                    "tomp3",
                    Map.of("acme.cert-manager.io/http01-solver", "true"));
    private static final End INTERNET = End.address("the internet", "203.0.113.7");
    private static final End PRIVATE = End.address("a private network", "192.168.7.7");

    static List<Manifests> all() throws Exception {
        return Manifests.all();
    }

    private static NetworkPolicies policies(Manifests manifests) {
        return new NetworkPolicies("tomp3", manifests.ofKind("NetworkPolicy").toList());
    }

    /** One for each kind of pod; the CronJobs have the same labels. */
    private static List<End> pods(Manifests manifests) {
        Map<String, End> pods = new TreeMap<>();
        manifests
                .podMakers()
                .forEach(each -> {
                    Map<String, String> labels = new TreeMap<>();
                    each.at("/spec/template/metadata/labels")
                            .properties()
                            .forEach(label ->
                                    labels.put(label.getKey(), label.getValue().asString()));
                    String name = labels.get(NAME);
                    pods.put(name, End.pod(name, "tomp3", labels));
                });
        return List.copyOf(pods.values());
    }

    /** What may connect to what, without DNS: the ports by the two ends. */
    private static Map<String, Map<String, Set<Integer>>> matrix(Manifests manifests) {
        NetworkPolicies policies = policies(manifests);
        List<End> inside = Stream.concat(pods(manifests).stream(), Stream.of(SOLVER)).toList();
        List<End> from = Stream.concat(inside.stream(), ADMITTED.stream()).toList();
        List<End> to = new ArrayList<>(from);
        to.addAll(List.of(INTERNET, PRIVATE));
        Map<String, Map<String, Set<Integer>>> matrix = new TreeMap<>();
        for (End one : from)
            for (End other : to)
                for (int port : PORTS)
                    if ((one.namespace().equals("tomp3") || other.namespace().equals("tomp3"))
                            && policies.allow(one, other, port))
                        matrix.computeIfAbsent(one.name(), none -> new TreeMap<>())
                                .computeIfAbsent(other.name(), none -> new TreeSet<>())
                                .add(port);
        return matrix;
    }

    @Test
    void the_table_of_the_manual_is_what_the_policies_allow() throws Exception {
        Manifests everything =
                Manifests.all().stream()
                        .filter(each -> each.name().equals(Manifests.EVERYTHING))
                        .findFirst()
                        .orElseThrow();
        String table =
                matrix(everything).entrySet().stream()
                        .map(from ->
                                "| %s | %s |"
                                        .formatted(
                                                from.getKey(),
                                                from.getValue().entrySet().stream()
                                                        .map(to ->
                                                                to.getKey()
                                                                        + " "
                                                                        + to.getValue().stream()
                                                                                .map(
                                                                                        String
                                                                                                ::valueOf)
                                                                                .collect(
                                                                                        Collectors
                                                                                                .joining(
                                                                                                        ", ")))
                                                        .collect(Collectors.joining("; "))))
                        .collect(Collectors.joining("\n", "| --- | --- |\n", "\n\n"));
        assertThat(Files.readString(ROOT.resolve("docs/kubernetes.md"))).contains(table);
    }

    /** Whatever has the right label in the wrong namespace, or the reverse, is somebody else. */
    @ParameterizedTest
    @MethodSource("all")
    void nobody_else_connects_to_a_pod(Manifests manifests) {
        NetworkPolicies policies = policies(manifests);
        List<End> strangers = new ArrayList<>();
        strangers.add(End.pod("a pod of tomp3 without labels", "tomp3", Map.of()));
        for (End each : ADMITTED) {
            strangers.add(End.pod("a pod beside " + each.name(), each.namespace(), Map.of()));
            strangers.add(End.pod(each.name() + " elsewhere", "default", each.labels()));
            strangers.add(End.pod(each.name() + " in tomp3", "tomp3", each.labels()));
        }
        for (End each : pods(manifests))
            strangers.add(End.pod(each.name() + " of another namespace", "default", each.labels()));
        strangers.add(INTERNET);
        strangers.add(PRIVATE);
        for (End stranger : strangers)
            for (End pod : pods(manifests))
                for (int port : PORTS)
                    assertThat(policies.allow(stranger, pod, port))
                            .as("%s to %s:%d", stranger.name(), pod.name(), port)
                            .isFalse();
    }

    /** Wherever the cluster answers: a pod, the node, the cloud. */
    @ParameterizedTest
    @MethodSource("all")
    void every_pod_reaches_dns(Manifests manifests) {
        NetworkPolicies policies = policies(manifests);
        List<End> servers =
                List.of(
                        End.pod("CoreDNS", "kube-system", Map.of("k8s-app", "kube-dns")),
                        End.address("NodeLocal DNSCache", "169.254.20.10"),
                        End.address("Cloud DNS of GKE", "169.254.169.254"),
                        End.address("the address of the Service", "10.96.0.10"));
        for (End pod : pods(manifests)) {
            for (End server : servers)
                assertThat(policies.allow(pod, server, 53)).as(server.name()).isTrue();
            assertThat(
                            policies.allow(
                                    pod,
                                    End.pod("OpenShift's DNS", "openshift-dns", Map.of()),
                                    5353))
                    .isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void external_stores_are_reached_by_the_services_that_use_them(Manifests manifests) {
        if (!manifests.name().startsWith("production")) return;
        NetworkPolicies policies = policies(manifests);
        End stores = End.address("the stores", "10.20.0.7");
        Map<String, Set<Integer>> reached = new TreeMap<>();
        for (End pod : pods(manifests))
            for (int port : PORTS)
                if (policies.allow(pod, stores, port))
                    reached.computeIfAbsent(pod.name(), none -> new TreeSet<>()).add(port);
        Map<String, Set<Integer>> expected =
                new TreeMap<>(
                        Map.of(
                                "auth", Set.of(3306),
                                "gateway", Set.of(5671, 5672, 27017),
                                "converter", Set.of(5671, 5672, 27017),
                                "notification", Set.of(5671, 5672, 27017)));
        if (manifests.name().contains("backup")) expected.put("backup", Set.of(3306, 27017));
        assertThat(reached).isEqualTo(expected);
    }

    @Test
    void the_router_of_openshift_and_its_prometheus_are_admitted() throws Exception {
        Manifests.all();
        Manifests manifests = Manifests.rendered("production with openshift");
        NetworkPolicies policies = policies(manifests);
        End router =
                new End(
                        "router",
                        "openshift-ingress",
                        Map.of("network.openshift.io/policy-group", "ingress"),
                        Map.of(
                                "ingresscontroller.operator.openshift.io/deployment-ingresscontroller",
                                "default"),
                        "10.244.0.9");
        End prometheus =
                End.pod(
                        "Prometheus",
                        "openshift-user-workload-monitoring",
                        Map.of(NAME, "prometheus"));
        for (End pod : pods(manifests)) {
            assertThat(policies.allow(router, pod, 8080)).isEqualTo(pod.name().equals("gateway"));
            assertThat(policies.allow(prometheus, pod, 9100)).as(pod.name()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void policies_say_what_they_mean(Manifests manifests) {
        assertThat(manifests.one("NetworkPolicy", "default-deny").get("spec"))
                .hasToString("{\"podSelector\":{},\"policyTypes\":[\"Ingress\",\"Egress\"]}");
        for (JsonNode policy : manifests.ofKind("NetworkPolicy").toList()) {
            boolean deny = name(policy).equals("default-deny");
            Set<String> types =
                    policy.at("/spec/policyTypes")
                            .valueStream()
                            .map(JsonNode::asString)
                            .collect(Collectors.toSet());
            // the rules of a direction that is not named have no effect
            assertThat(policy.get("spec").has("ingress"))
                    .isEqualTo(types.contains("Ingress") && !deny);
            assertThat(policy.get("spec").has("egress"))
                    .isEqualTo(types.contains("Egress") && !deny);
            Stream.of("/spec/ingress", "/spec/egress")
                    .flatMap(direction -> policy.at(direction).valueStream())
                    .forEach(rule -> {
                        assertThat(rule.path("ports")).as(name(policy)).isNotEmpty();
                        if (!name(policy).equals("dns"))
                            assertThat(rule.has("to") || rule.has("from"))
                                    .as(name(policy))
                                    .isTrue();
                        // a selector of namespaces alone is a whole namespace
                        Stream.of("to", "from")
                                .flatMap(peers -> rule.path(peers).valueStream())
                                .forEach(peer ->
                                        assertThat(peer.has("podSelector") || peer.has("ipBlock"))
                                                .as(name(policy))
                                                .isTrue());
                    });
        }
    }
}
