package dev.tomp3.endtoend.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;

/** What docker-compose.yml tells the services is what they ask for. */
class ComposeFileTest {
    private static final Path ROOT = Path.of("..", "..");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]+)(:?)");

    /** What the containers, the networks and the volumes decide. */
    private static final Set<String> SETTLED =
            Set.of(
                    "AUTH_PORT",
                    "GATEWAY_PORT",
                    "METRICS_PORT",
                    "BIND",
                    "MYSQL_PORT",
                    "MYSQL_DB",
                    "MYSQL_USER",
                    "RABBITMQ_ADDRESSES",
                    "MYSQL_TLS",
                    "RABBITMQ_PORT",
                    "RABBITMQ_VHOST",
                    "RABBITMQ_TLS",
                    "TLS_CERT",
                    "TLS_KEY",
                    "MEDIA_STORE",
                    "PRESETS_FILE",
                    "FFMPEG",
                    "FFMPEG_OLD",
                    "WORK_DIR");

    private final Map<?, ?> services;
    private final Map<?, ?> networks;

    ComposeFileTest() throws IOException {
        LoaderOptions options = new LoaderOptions();
        options.setMaxAliasesForCollections(1000);
        Map<?, ?> file =
                new Yaml(options).load(Files.readString(ROOT.resolve("docker-compose.yml")));
        services = (Map<?, ?>) file.get("services");
        networks = (Map<?, ?>) file.get("networks");
    }

    @ParameterizedTest
    @ValueSource(strings = {"auth", "gateway", "converter", "notification"})
    void a_service_gets_the_settings_it_needs_and_every_setting_can_be_changed(String service)
            throws IOException {
        Set<String> told = new TreeSet<>();
        for (Object name : ((Map<?, ?>) of(service).get("environment")).keySet())
            told.add((String) name);
        Set<String> names = new TreeSet<>();
        Path settings = ROOT.resolve(service + "-service/src/main/resources/application.yml");
        Matcher found =
                PLACEHOLDER.matcher(Files.readString(settings).replaceAll("(?m)^ *#.*$", ""));
        while (found.find()) {
            // those without a default must be told
            if (found.group(2).isEmpty() || !SETTLED.contains(found.group(1)))
                names.add(found.group(1));
        }
        told.remove("JDK_JAVA_OPTIONS");
        told.removeAll(SETTLED);
        assertThat(told).isEqualTo(names);
    }

    /** A server alone has no retryable writes, and no log that tells what a majority has. */
    @Test
    void mongodb_is_a_set_and_addressed_as_one() {
        assertThat(of("mongodb").toString()).contains("mongod --replSet rs0 ");
        for (String service : List.of("gateway", "converter", "notification"))
            assertThat(((Map<?, ?>) of(service).get("environment")).get("MONGODB_URI").toString())
                    .endsWith("&replicaSet=rs0");
    }

    @Test
    void only_https_is_published_to_other_machines_unless_the_gateway_is_told_to() {
        services.forEach((name, service) -> {
            Object ports = ((Map<?, ?>) service).get("ports");
            if (ports == null) return;
            if (name.equals("tls"))
                assertThat(ports)
                        .asInstanceOf(LIST)
                        .containsOnly("80:80", "443:443", "443:443/udp");
            else
                for (Object port : (List<?>) ports)
                    assertThat(((String) port).replace("${GATEWAY_BIND:-127.0.0.1}", "127.0.0.1"))
                            .as("%s", name)
                            .startsWith("127.0.0.1:");
        });
    }

    /**
     * Who shares a network reaches each other; with the profile monitoring, Prometheus does, too.
     */
    @Test
    void the_converter_reaches_its_stores_alone_and_auth_the_gateway_and_mysql() {
        assertThat(peers("converter")).containsExactly("mongodb", "prometheus", "rabbitmq");
        assertThat(peers("auth")).containsExactly("gateway", "mysql", "prometheus", "tls");
        assertThat(peers("mysql")).containsExactly("auth");
        assertThat(peers("mongodb"))
                .containsExactly("converter", "gateway", "notification", "prometheus", "rabbitmq");
        assertThat(networks("converter").stream().filter(this::leadsOut)).isEmpty();
        assertThat(networks("mysql").stream().filter(this::leadsOut)).isEmpty();
        assertThat(networks("mongodb").stream().filter(this::leadsOut)).isEmpty();
    }

    private Set<String> peers(String service) {
        Set<String> peers = new TreeSet<>();
        for (Object other : services.keySet())
            if (!other.equals(service)
                    && networks((String) other).stream().anyMatch(networks(service)::contains))
                peers.add((String) other);
        return peers;
    }

    private Set<String> networks(String service) {
        Object found = of(service).get("networks");
        Set<String> names = new TreeSet<>();
        for (Object name : found instanceof Map<?, ?> map ? map.keySet() : (List<?>) found)
            names.add((String) name);
        return names;
    }

    private boolean leadsOut(String network) {
        return !(networks.get(network) instanceof Map<?, ?> settings)
                || !Boolean.TRUE.equals(settings.get("internal"));
    }

    /** Auth believes what the gateway says about its clients, and not other clients. */
    @Test
    void auth_trusts_the_address_of_the_gateway() {
        Object edge = ((Map<?, ?>) of("gateway").get("networks")).get("edge");
        assertThat(((Map<?, ?>) of("auth").get("environment")).get("TRUSTED_PROXIES"))
                .isEqualTo(((Map<?, ?>) edge).get("ipv4_address"));
    }

    @Test
    void no_service_has_the_password_of_an_administrator_of_a_store() {
        for (String service : List.of("auth", "gateway", "converter", "notification"))
            assertThat(of(service).get("environment").toString())
                    .doesNotContain(
                            "${MYSQL_ROOT_PASSWORD", "${MONGODB_PASSWORD", "${RABBITMQ_PASSWORD");
    }

    /** Data of a later release of MongoDB cannot be read by an earlier one. */
    @ParameterizedTest
    @ValueSource(strings = {"mysql", "mongodb", "rabbitmq"})
    void kubernetes_and_the_tests_use_the_same_release_of_a_store(String store) throws IOException {
        Object image = of(store).get("image");
        assertThat(ROOT.resolve("k8s/components/stores/" + store + ".yaml"))
                .content()
                .contains("image: docker.io/library/" + image + "\n");
        assertThat(ROOT.resolve("testing/servers/src/main/java/dev/tomp3/servers/Server.java"))
                .content()
                .contains('"' + (String) image + '"');
    }

    @Test
    void every_container_has_limits_a_restart_policy_and_a_network() {
        services.forEach((name, service) -> {
            for (String setting :
                    List.of(
                            "mem_limit",
                            "restart",
                            "networks",
                            "security_opt",
                            "cap_drop",
                            "pids_limit"))
                assertThat(((Map<?, ?>) service).get(setting)).as(name + " " + setting).isNotNull();
        });
    }

    private Map<?, ?> of(String service) {
        Map<?, ?> found = (Map<?, ?>) services.get(service);
        assertThat(found).as(service).isNotNull();
        return found;
    }
}
