package dev.tomp3.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;

/**
 * The services export every metric of the alerts and the dashboard, with the labels they query:
 * otherwise an alert would never fire and a panel stay empty, unnoticed.
 */
class MonitoringTest {
    private static final Path MONITORING = Path.of("..", "..", "monitoring");
    private static final String BROKER = "rabbitmq_";

    /** Of the answers, in their order. */
    private static final List<String> JOBS =
            List.of("gateway", "auth", "converter", "notification", "rabbitmq", "rabbitmq-queues");

    /** Metrics that Prometheus itself adds. */
    private static final Set<String> OWN_METRICS = Set.of("up", "ALERTS");

    /** Labels that Prometheus adds; of them, the job is the name of the service here. */
    private static final Set<String> OWN_LABELS = Set.of("job", "instance", "namespace");

    private static final Pattern SERIES = Pattern.compile("([a-zA-Z_:][\\w:]*)(?:\\{(.*)})? \\S+");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    /** Fails unless all metrics of the services are there after a conversion, in a minute. */
    static void assertServicesExportAll(RunningSystem system) {
        List<URI> metrics =
                services(
                        system.gateway(), system.auth(), system.converter(), system.notification());
        await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> assertThere(metrics, false));
    }

    /** Of one of each service, where each answers for its metrics. */
    static List<URI> services(URI... services) {
        return Stream.of(services).map(service -> service.resolve("/metrics")).toList();
    }

    /**
     * Fails unless all metrics are there, RabbitMQ's among them.
     *
     * @param metrics where one of each service, and RabbitMQ ({@code /metrics} and {@code
     *     /metrics/detailed?family=queue_coarse_metrics}), answers for its metrics
     */
    static void assertAllThere(List<URI> metrics) throws IOException {
        assertThere(metrics, true);
    }

    @Test
    void every_job_that_a_query_names_is_scraped_and_every_panel_reads_the_provisioned_source()
            throws IOException {
        Map<String, Object> prometheus = yaml("prometheus.yml");
        Set<String> jobs = new TreeSet<>();
        for (Object scrape : (List<?>) prometheus.get("scrape_configs"))
            jobs.add((String) ((Map<?, ?>) scrape).get("job_name"));
        assertThat(jobs).contains("gateway", "auth", "converter", "notification", "rabbitmq");
        queries()
                .forEach((where, query) -> {
                    for (PromQl.Selector selector : PromQl.parse(query).selectors())
                        for (PromQl.Match match : selector.matches())
                            if (match.label().equals("job"))
                                assertThat(jobs).as(where).contains(match.value());
                });

        Object source =
                ((List<?>)
                                yaml("grafana/provisioning/datasources/prometheus.yml")
                                        .get("datasources"))
                        .getFirst();
        Object uid = ((Map<?, ?>) source).get("uid");
        for (JsonNode panel : dashboard().get("panels")) {
            if (panel.get("type").asString().equals("row")) continue;
            assertThat(panel.at("/datasource/uid").asString()).as(panel.toString()).isEqualTo(uid);
            assertThat(panel.get("targets")).as(panel.toString()).isNotEmpty();
        }
    }

    @Test
    void every_alert_has_a_severity_a_description_and_a_test_that_fires_it() throws IOException {
        String tests = Files.readString(MONITORING.resolve("alerts.test.yml"));
        for (Map<?, ?> alert : alerts()) {
            String name = (String) alert.get("alert");
            assertThat(alert.get("for")).as(name).isNotNull();
            assertThat(((Map<?, ?>) alert.get("labels")).get("severity"))
                    .as(name)
                    .isIn("critical", "warning");
            Map<?, ?> words = (Map<?, ?>) alert.get("annotations");
            assertThat((String) words.get("summary")).as(name).isNotBlank();
            assertThat((String) words.get("description")).as(name).isNotBlank();
            assertThat(tests)
                    .containsAnyOf("alertname=\"" + name + "\"", "alertname: " + name + "\n");
        }
    }

    @Test
    void panels_have_ids_of_their_own_and_do_not_overlap() throws IOException {
        Set<Integer> ids = new TreeSet<>();
        Map<String, String> squares = new HashMap<>();
        for (JsonNode panel : dashboard().get("panels")) {
            assertThat(ids.add(panel.get("id").asInt())).as(panel.toString()).isTrue();
            JsonNode place = panel.get("gridPos");
            int right = place.get("x").asInt() + place.get("w").asInt();
            assertThat(right).isLessThanOrEqualTo(24);
            for (int x = place.get("x").asInt(); x < right; x++)
                for (int y = place.get("y").asInt();
                        y < place.get("y").asInt() + place.get("h").asInt();
                        y++)
                    assertThat(squares.put(x + "," + y, panel.get("title").asString())).isNull();
        }
    }

    @Test
    void parses_queries() {
        PromQl query =
                PromQl.parse(
                        """
                        histogram_quantile(0.95, sum by (job, le) (rate(a_bucket{x!~"/h.*|/m", y="{z}"}[5m])))
                          / on (queue) group_left max(b) > 1e3 unless c{} == bool 1 or absent(d{job="e"})\
                        """);
        assertThat(query.selectors())
                .containsExactly(
                        new PromQl.Selector(
                                "a_bucket",
                                List.of(
                                        new PromQl.Match("x", "!~", "/h.*|/m"),
                                        new PromQl.Match("y", "=", "{z}"))),
                        new PromQl.Selector("b", List.of()),
                        new PromQl.Selector("c", List.of()),
                        new PromQl.Selector("d", List.of(new PromQl.Match("job", "=", "e"))));
        assertThat(query.labels()).containsExactly("job", "le", "queue");
        for (String strange : List.of("{job=\"x\"}", "a{b}", "a @ 5", "a;b", "sum by (1) (a)"))
            assertThatThrownBy(() -> PromQl.parse(strange))
                    .as(strange)
                    .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void finds_misspelled_metrics_and_labels() {
        Scrape scrape =
                Scrape.of(
                        "converter",
                        "jobs_total{result=\"error\",path=\"/jobs/{id}\"} 1.0\nother 2\n");
        assertThat(
                        scrape.lacks(
                                "sum by (result, job) (rate(jobs_total{result=\"error\"}[5m])) /"
                                        + " other",
                                true))
                .isEmpty();
        assertThat(scrape.lacks("rate(job_total[5m])", true)).containsExactly("job_total");
        assertThat(scrape.lacks("jobs_total{job=\"converter\"}", true)).isEmpty();
        assertThat(scrape.lacks("jobs_total{job=\"gateway\"}", true)).hasSize(1);
        assertThat(scrape.has("jobs_total{namespace=\"a\", job=\"converter\", result=\"\"}", true))
                .isTrue();
        assertThat(scrape.has("jobs_total{job=\"converter\", code=\"\"}", true)).isFalse();
        assertThat(scrape.has("jobs_total{job=\"gateway\", result=\"\"}", true)).isFalse();
        assertThat(scrape.lacks("jobs_total{results=\"error\"}", true)).hasSize(1);
        assertThat(scrape.lacks("jobs_total{result=\"eror\"}", true)).hasSize(1);
        assertThat(scrape.lacks("jobs_total{result=~\"5..\"}", true)).isEmpty();
        assertThat(scrape.lacks("sum by (code) (jobs_total)", true)).containsExactly("code");
        assertThat(scrape.lacks("rabbitmq_queues", true)).hasSize(1);
        assertThat(scrape.lacks("rabbitmq_queues", false)).isEmpty();
    }

    private static void assertThere(List<URI> metrics, boolean broker) throws IOException {
        Scrape scrape = new Scrape(new HashMap<>());
        for (int i = 0; i < metrics.size(); i++) {
            var answer = Http.get(metrics.get(i));
            assertThat(answer.statusCode()).as(metrics.get(i).toString()).isEqualTo(200);
            scrape.add(JOBS.get(i), answer.body());
        }
        Map<String, List<String>> missing = new TreeMap<>();
        for (String series : testedSeries())
            if (!scrape.has(series, broker)) missing.put("alerts.test.yml " + series, List.of());
        queries()
                .forEach((where, query) -> {
                    List<String> lacks = scrape.lacks(query, broker);
                    if (!lacks.isEmpty()) missing.put(where, lacks);
                });
        assertThat(missing).isEmpty();
    }

    /** What services answered: each series' labels, by the metric's name. */
    private record Scrape(Map<String, List<Map<String, String>>> series) {
        static Scrape of(String job, String answer) {
            Scrape scrape = new Scrape(new HashMap<>());
            scrape.add(job, answer);
            return scrape;
        }

        void add(String job, String answer) {
            answer.lines()
                    .filter(line -> !line.startsWith("#"))
                    .forEach(line -> {
                        Matcher found = SERIES.matcher(line);
                        if (!found.matches()) return;
                        Map<String, String> labels = labels(found.group(2));
                        labels.put("job", job);
                        series.computeIfAbsent(found.group(1), name -> new ArrayList<>())
                                .add(labels);
                    });
        }

        private static Map<String, String> labels(String text) {
            Map<String, String> labels = new HashMap<>();
            Matcher label = LABEL.matcher(text == null ? "" : text);
            while (label.find()) labels.put(label.group(1), label.group(2));
            return labels;
        }

        /** Whether the job of the series exports one like it, with these labels. */
        boolean has(String text, boolean broker) {
            Matcher found = SERIES.matcher(text + " 0");
            assertThat(found.matches()).as(text).isTrue();
            if (OWN_METRICS.contains(found.group(1))) return true;
            if (!broker && found.group(1).startsWith(BROKER)) return true;
            Map<String, String> wanted = labels(found.group(2));
            return series.getOrDefault(found.group(1), List.of()).stream()
                    .anyMatch(one ->
                            wanted.get("job").equals(one.get("job"))
                                    && wanted.keySet().stream()
                                            .allMatch(label ->
                                                    OWN_LABELS.contains(label)
                                                            || one.containsKey(label)));
        }

        /** The metrics and labels of the query that are missing. */
        List<String> lacks(String query, boolean broker) {
            List<String> missing = new ArrayList<>();
            PromQl parsed = PromQl.parse(query);
            Set<String> labels = new TreeSet<>(OWN_LABELS);
            boolean all = true;
            for (PromQl.Selector selector : parsed.selectors()) {
                if (OWN_METRICS.contains(selector.metric())) continue;
                if (!broker && selector.metric().startsWith(BROKER)) {
                    all = false;
                    continue;
                }
                List<Map<String, String>> found =
                        series.getOrDefault(selector.metric(), List.of()).stream()
                                .filter(one ->
                                        selector.matches().stream()
                                                .allMatch(match -> fits(match, one)))
                                .toList();
                if (found.isEmpty()) missing.add(text(selector));
                found.forEach(one -> labels.addAll(one.keySet()));
            }
            if (all && missing.isEmpty())
                parsed.labels().stream()
                        .filter(label -> !labels.contains(label))
                        .forEach(missing::add);
            return missing;
        }

        /** Not every status has been answered yet: of a pattern, only the label must be there. */
        private static boolean fits(PromQl.Match match, Map<String, String> labels) {
            if (OWN_LABELS.contains(match.label()) && !match.label().equals("job")) return true;
            String value = labels.get(match.label());
            return value != null && (!match.operator().equals("=") || value.equals(match.value()));
        }

        private static String text(PromQl.Selector selector) {
            return selector.metric() + (selector.matches().isEmpty() ? "" : selector.matches());
        }
    }

    /** Every query, by the place where it is used. */
    private static Map<String, String> queries() throws IOException {
        Map<String, String> queries = new LinkedHashMap<>();
        for (Map<?, ?> alert : alerts())
            queries.put("alert " + alert.get("alert"), (String) alert.get("expr"));
        JsonNode dashboard = dashboard();
        for (JsonNode panel : dashboard.get("panels"))
            for (JsonNode target : panel.path("targets"))
                queries.put(
                        "panel "
                                + panel.get("title").asString()
                                + ", "
                                + target.get("refId").asString(),
                        target.get("expr").asString());
        for (JsonNode annotation : dashboard.at("/annotations/list"))
            queries.put(
                    "annotation " + annotation.get("name").asString(),
                    annotation.get("expr").asString());
        assertThat(queries).hasSizeGreaterThan(20);
        return queries;
    }

    /**
     * The series with which alerts.test.yml makes each alert fire: where they are those of running
     * services, the alert can fire there, too.
     */
    private static Set<String> testedSeries() throws IOException {
        Set<String> series = new TreeSet<>();
        for (Object test : (List<?>) yaml("alerts.test.yml").get("tests"))
            for (Object input : (List<?>) ((Map<?, ?>) test).get("input_series"))
                series.add((String) ((Map<?, ?>) input).get("series"));
        assertThat(series).hasSizeGreaterThan(50);
        return series;
    }

    private static List<Map<?, ?>> alerts() throws IOException {
        List<Map<?, ?>> alerts = new ArrayList<>();
        for (Object group : (List<?>) yaml("alerts.yml").get("groups"))
            for (Object rule : (List<?>) ((Map<?, ?>) group).get("rules"))
                alerts.add((Map<?, ?>) rule);
        return alerts;
    }

    private static JsonNode dashboard() throws IOException {
        return User.JSON.readTree(
                Files.readString(MONITORING.resolve("grafana/dashboards/tomp3.json")));
    }

    private static Map<String, Object> yaml(String file) throws IOException {
        return new Yaml().load(Files.readString(MONITORING.resolve(file)));
    }
}
