package dev.tomp3.endtoend.deployment;

import static dev.tomp3.endtoend.deployment.Manifests.ROOT;
import static dev.tomp3.endtoend.deployment.Manifests.name;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Prometheus sees in a cluster what the alerts ask for. {@code MonitoringTest} shows that the
 * services export it.
 */
@Tag("kubectl")
class MonitoringManifestsTest {
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

    static Stream<Manifests> monitored() throws Exception {
        return Manifests.all().stream().filter(each -> each.name().contains("monitoring"));
    }

    /** A target of a PodMonitor, with the labels that Prometheus gives its series. */
    private record Target(String job, int port, String path) {}

    private static List<Target> targets(Manifests manifests) {
        List<Target> targets = new ArrayList<>();
        for (JsonNode monitor : manifests.ofKind("PodMonitor").toList()) {
            for (JsonNode workload : manifests.workloads().toList()) {
                if (!ManifestsTest.labelled(workload, monitor.at("/spec/selector/matchLabels")))
                    continue;
                String job =
                        workload.at("/spec/template/metadata/labels")
                                .get(monitor.at("/spec/jobLabel").asString())
                                .asString();
                for (JsonNode endpoint : monitor.at("/spec/podMetricsEndpoints").values()) {
                    Integer port =
                            ManifestsTest.ports(workload).get(endpoint.get("port").asString());
                    if (port == null) continue;
                    String path = endpoint.get("path").asString();
                    if (endpoint.at("/params/family/0").isString())
                        path += "?family=" + endpoint.at("/params/family/0").asString();
                    JsonNode relabeling = endpoint.at("/relabelings/0");
                    if (relabeling.isObject())
                        assertThat(relabeling.get("targetLabel").asString()).isEqualTo("job");
                    targets.add(
                            new Target(relabeling.path("replacement").asString(job), port, path));
                }
            }
        }
        return targets;
    }

    @ParameterizedTest
    @MethodSource("monitored")
    void every_pod_with_metrics_is_a_target_under_the_name_of_its_service(Manifests manifests) {
        List<Target> expected =
                new ArrayList<>(
                        List.of(
                                new Target("auth", 9100, "/metrics"),
                                new Target("gateway", 9100, "/metrics"),
                                new Target("converter", 9100, "/metrics"),
                                new Target("notification", 9100, "/metrics")));
        if (manifests.name().contains("monitoring-rabbitmq")) {
            expected.add(new Target("rabbitmq", 15692, "/metrics"));
            // a job of its own, or "up" would be one series of two targets
            expected.add(
                    new Target(
                            "rabbitmq-queues",
                            15692,
                            "/metrics/detailed?family=queue_coarse_metrics"));
        }
        assertThat(targets(manifests)).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void the_rules_are_those_of_prometheus() throws Exception {
        Manifests manifests = monitored().findFirst().orElseThrow();
        List<JsonNode> groups =
                manifests
                        .ofKind("PrometheusRule")
                        .flatMap(rule -> rule.at("/spec/groups").valueStream())
                        .toList();
        JsonNode alerts = Manifests.parse(ROOT.resolve("monitoring/alerts.yml")).getFirst();
        assertThat(groups)
                .containsExactlyInAnyOrderElementsOf(alerts.get("groups").valueStream().toList());
    }

    /** An alert about a job that nobody scrapes would never fire, or always. */
    @ParameterizedTest
    @MethodSource("monitored")
    void every_alert_selects_jobs_that_are_targets_in_this_namespace(Manifests manifests) {
        Set<String> jobs = new HashSet<>();
        targets(manifests).forEach(target -> jobs.add(target.job));
        Set<String> absent = new TreeSet<>();
        int expressions = 0;
        for (JsonNode rule : manifests.ofKind("PrometheusRule").toList()) {
            for (JsonNode alert : rule.findValues("expr")) {
                expressions++;
                Matcher selector = Pattern.compile("\\{([^}]*)}").matcher(alert.asString());
                while (selector.find()) {
                    assertThat(selector.group(1)).startsWith("namespace=\"tomp3\"");
                    Matcher label = LABEL.matcher(selector.group(1));
                    while (label.find())
                        if (label.group(1).equals("job")) {
                            assertThat(jobs).as(name(rule)).contains(label.group(2));
                            absent.add(label.group(2));
                        }
                }
            }
        }
        assertThat(expressions).isGreaterThan(10);
        assertThat(absent).contains("gateway", "auth", "converter", "notification");
    }

    @Test
    void the_dashboard_is_a_map_that_grafana_finds() throws Exception {
        JsonNode map = monitored().findFirst().orElseThrow().one("ConfigMap", "tomp3-dashboard");
        assertThat(map.at("/metadata/labels/grafana_dashboard").asString()).isEqualTo("1");
        assertThat(map.get("data").get("tomp3.json").asString())
                .isEqualTo(
                        Files.readString(ROOT.resolve("monitoring/grafana/dashboards/tomp3.json")));
    }

    @Test
    void keda_asks_for_a_metric_that_prometheus_gets_too() throws Exception {
        Manifests everything =
                Manifests.all().stream()
                        .filter(each -> each.name().equals(Manifests.EVERYTHING))
                        .findFirst()
                        .orElseThrow();
        JsonNode trigger =
                everything.one("ScaledObject", "converter").at("/spec/triggers/0/metadata");
        String url = trigger.get("url").asString();
        assertThat(targets(everything))
                .anyMatch(target ->
                        url.equals("http://rabbitmq.tomp3.svc:" + target.port + target.path));
        JsonNode service = everything.one("Service", "rabbitmq");
        assertThat(service.at("/spec/ports").valueStream().map(port -> port.get("port").asInt()))
                .contains(15692);
        assertThat(trigger.get("valueLocation").asString())
                .isEqualTo("rabbitmq_detailed_queue_messages{vhost=\"/\",queue=\"video\"}");
    }
}
