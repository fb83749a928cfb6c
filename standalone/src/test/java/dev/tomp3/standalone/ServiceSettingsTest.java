package dev.tomp3.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.embedded.EmbeddedBroker;
import dev.tomp3.embedded.EmbeddedMongo;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceSettingsTest {
    @TempDir private Path directory;

    @Test
    void strangers_may_register_only_where_no_other_machine_reaches_the_gateway() throws Exception {
        assertThat(registration(Map.of())).isEqualTo("open");
        assertThat(registration(Map.of("BIND", "127.0.0.1"))).isEqualTo("open");
        assertThat(registration(Map.of("BIND", "0.0.0.0"))).isEqualTo("closed");
        assertThat(registration(Map.of("BIND", "0.0.0.0", "REGISTRATION", "open")))
                .isEqualTo("open");
        assertThat(registration(Map.of("REGISTRATION", "closed"))).isEqualTo("closed");
    }

    private Object registration(Map<String, String> told) throws Exception {
        Map<String, String> environment = new HashMap<>(told);
        for (String port : new String[] {"GATEWAY_PORT", "AUTH_PORT", "METRICS_PORT"})
            environment.put(port, "0");
        try (DataDirectory data = DataDirectory.open(directory);
                EmbeddedMongo mongo = EmbeddedMongo.start(null, 0, "u", "p");
                EmbeddedBroker broker = EmbeddedBroker.start(null, 0, "u", "p")) {
            return new ServiceSettings(
                            environment,
                            Map.of(),
                            data,
                            Ports.of(environment),
                            Administrator.of(Map.of(), data))
                    .forService(Service.AUTH, broker, mongo)
                    .get("REGISTRATION");
        }
    }
}
