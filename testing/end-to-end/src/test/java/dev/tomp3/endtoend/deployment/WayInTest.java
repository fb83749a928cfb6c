package dev.tomp3.endtoend.deployment;

import static dev.tomp3.endtoend.deployment.Manifests.ROOT;
import static dev.tomp3.endtoend.deployment.Manifests.name;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.convert.DurationStyle;
import tools.jackson.databind.JsonNode;

/** What comes in from outside the cluster: every Ingress and HTTPRoute. */
@Tag("kubectl")
class WayInTest {
    /**
     * A path that leads to the gateway.
     *
     * @param below whether it also leads there with more segments
     */
    private record Route(String path, boolean below) {
        boolean leads(String asked) {
            return asked.equals(path) || (below && asked.startsWith(path + "/"));
        }
    }

    static List<Manifests> all() throws Exception {
        return Manifests.all();
    }

    /** The routes of each Ingress and HTTPRoute. */
    private static Map<String, List<Route>> ways(Manifests manifests) {
        Map<String, List<Route>> ways = new TreeMap<>();
        for (JsonNode ingress : manifests.ofKind("Ingress").toList()) {
            assertThat(ingress.at("/spec/defaultBackend").isMissingNode()).isTrue();
            assertThat(ingress.at("/spec/rules")).hasSize(1);
            assertThat(ingress.at("/spec/rules/0/host").asString()).isEqualTo("tomp3.example.com");
            ways.put(
                    name(ingress),
                    ingress.at("/spec/rules/0/http/paths")
                            .valueStream()
                            .peek(path ->
                                    assertThat(path.at("/backend/service"))
                                            .hasToString(
                                                    "{\"name\":\"gateway\",\"port\":{\"name\":\"http\"}}"))
                            .map(path ->
                                    new Route(
                                            path.get("path").asString(),
                                            path.get("pathType").asString().equals("Prefix")))
                            .toList());
        }
        for (JsonNode route : manifests.ofKind("HTTPRoute").toList()) {
            assertThat(route.at("/spec/hostnames")).hasToString("[\"tomp3.example.com\"]");
            ways.put(
                    name(route),
                    route.at("/spec/rules")
                            .valueStream()
                            .peek(rule ->
                                    assertThat(rule.get("backendRefs"))
                                            .hasToString("[{\"name\":\"gateway\",\"port\":8080}]"))
                            .flatMap(rule -> rule.get("matches").valueStream())
                            .map(match ->
                                    new Route(
                                            match.at("/path/value").asString(),
                                            match.at("/path/type").asString().equals("PathPrefix")))
                            .toList());
        }
        return ways;
    }

    @ParameterizedTest
    @MethodSource("all")
    void only_the_public_interface_is_exposed(Manifests manifests) throws IOException {
        // everything that docs/api.md lists and that auth does not have to itself
        Set<String> listed =
                new TreeSet<>(
                        Set.of(
                                "/swagger-ui.html",
                                "/swagger-ui/index.html",
                                "/app",
                                "/app/build/main.js"));
        Matcher found =
                Pattern.compile("`(?:GET\\|HEAD|GET|POST|PATCH|DELETE) (/[a-z/]+)")
                        .matcher(Files.readString(ROOT.resolve("docs/api.md")));
        while (found.find()) listed.add(found.group(1));
        listed.removeAll(Set.of("/validate", "/"));
        assertThat(listed).contains("/login", "/upload", "/jobs", "/download");
        Map<String, List<Route>> ways = ways(manifests);
        assertThat(ways).isNotEmpty();
        ways.forEach((way, routes) -> {
            for (String path : listed)
                assertThat(routes).as(way + " " + path).anyMatch(route -> route.leads(path));
            for (String path :
                    List.of("/metrics", "/health", "/health/ready", "/actuator", "/validate"))
                assertThat(routes).as(way + " " + path).noneMatch(route -> route.leads(path));
            // the page; a router that knows only prefixes has it at /app
            assertThat(routes)
                    .as(way)
                    .noneMatch(route -> route.path().equals("/") && route.below());
            if (!way.equals("gateway-openshift"))
                assertThat(routes).as(way).anyMatch(route -> route.leads("/"));
        });
    }

    @Test
    void each_overlay_has_its_way_in() throws Exception {
        Manifests.all();
        assertThat(ways(Manifests.rendered("minikube")))
                .containsOnlyKeys("gateway-traefik", "gateway-nginx");
        assertThat(ways(Manifests.rendered("production"))).containsOnlyKeys("gateway");
        try (Stream<Path> files = Files.list(ROOT.resolve("k8s/base"))) {
            assertThat(files)
                    .allSatisfy(file ->
                            assertThat(Files.readString(file)).doesNotContain("kind: Ingress\n"));
        }
    }

    /** An upload of 4 GB over a slow line takes hours, and must not be stored on the way. */
    @Test
    void no_proxy_buffers_a_body_or_limits_its_time() throws Exception {
        Manifests everything =
                Manifests.all().stream()
                        .filter(each -> each.name().equals(Manifests.EVERYTHING))
                        .findFirst()
                        .orElseThrow();
        Map<String, String> nginx =
                Map.of(
                        "proxy-body-size", "0",
                        "proxy-request-buffering", "off",
                        "proxy-buffering", "off",
                        "proxy-http-version", "1.1",
                        "proxy-read-timeout", "3600",
                        "proxy-send-timeout", "3600",
                        "proxy-next-upstream", "off");
        JsonNode annotations =
                everything.one("Ingress", "gateway-nginx").at("/metadata/annotations");
        nginx.forEach((name, value) ->
                assertThat(annotations.get("nginx.ingress.kubernetes.io/" + name).asString())
                        .isEqualTo(value));
        for (JsonNode rule : everything.one("HTTPRoute", "gateway").at("/spec/rules").values())
            assertThat(rule.get("timeouts"))
                    .hasToString("{\"backendRequest\":\"0s\",\"request\":\"0s\"}");
        assertThat(
                        Manifests.rendered("production with openshift")
                                .one("Ingress", "gateway-openshift")
                                .at("/metadata/annotations")
                                .get("haproxy.router.openshift.io/timeout")
                                .asString())
                .isEqualTo("1h");
    }

    @ParameterizedTest
    @MethodSource("all")
    void the_gateway_keeps_connections_longer_than_any_proxy_in_front(Manifests manifests) {
        String keepAlive =
                manifests
                        .one("Deployment", "gateway")
                        .at("/spec/template/spec/containers/0/env")
                        .valueStream()
                        .filter(variable -> variable.get("name").asString().equals("KEEP_ALIVE"))
                        .map(variable -> variable.get("value").asString())
                        .findFirst()
                        .orElseThrow();
        // load balancers of Google: 600 s; Traefik: 90 s; nginx and those of AWS: 60 s
        assertThat(DurationStyle.detectAndParse(keepAlive).toSeconds()).isGreaterThan(600);
    }

    @Test
    void every_way_in_admits_its_proxy_and_the_solvers_of_cert_manager() throws Exception {
        for (Manifests manifests : Manifests.all()) {
            List<String> policies = manifests.ofKind("NetworkPolicy").map(Manifests::name).toList();
            for (String way : ways(manifests).keySet()) {
                String proxy =
                        switch (way) {
                            case "gateway" -> "gateway-api";
                            case "gateway-openshift" -> "openshift-router";
                            default -> way.replace("gateway-", "ingress-");
                        };
                assertThat(policies)
                        .contains(
                                Stream.of("gateway", "acme-solver")
                                        .map(to -> proxy + "-to-" + to)
                                        .toArray(String[]::new));
            }
        }
    }
}
