package dev.tomp3.endtoend.deployment;

import static org.assertj.core.api.Assertions.assertThat;

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
                    "RABBITMQ_PORT",
                    "RABBITMQ_VHOST",
                    "MEDIA_STORE",
                    "FFMPEG",
                    "WORK_DIR");

    private final Map<?, ?> services;

    ComposeFileTest() throws IOException {
        LoaderOptions options = new LoaderOptions();
        options.setMaxAliasesForCollections(1000);
        Map<?, ?> file =
                new Yaml(options).load(Files.readString(ROOT.resolve("docker-compose.yml")));
        services = (Map<?, ?>) file.get("services");
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
        assertThat(told).isEqualTo(names);
    }

    @Test
    void only_the_gateway_is_published_to_other_machines() {
        services.forEach((name, service) -> {
            Object ports = ((Map<?, ?>) service).get("ports");
            if (ports == null || name.equals("gateway")) return;
            for (Object port : (List<?>) ports)
                assertThat((String) port).as("%s", name).startsWith("127.0.0.1:");
        });
    }

    @Test
    void every_container_has_a_limit_of_memory_a_restart_policy_and_a_network() {
        services.forEach((name, service) -> {
            for (String setting : List.of("mem_limit", "restart", "networks", "security_opt"))
                assertThat(((Map<?, ?>) service).get(setting)).as(name + " " + setting).isNotNull();
        });
        assertThat((List<?>) of("converter").get("networks")).isEqualTo(List.of("back"));
        for (String store : List.of("mysql", "mongodb"))
            assertThat((List<?>) of(store).get("networks")).isEqualTo(List.of("back"));
    }

    private Map<?, ?> of(String service) {
        Map<?, ?> found = (Map<?, ?>) services.get(service);
        assertThat(found).as(service).isNotNull();
        return found;
    }
}
