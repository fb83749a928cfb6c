package dev.tomp3.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tomp3.embedded.FreePort;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PortsTest {
    @Test
    void names_a_port_in_use_and_the_variable_that_sets_it() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = String.valueOf(taken.getLocalPort());
            assertThatThrownBy(() ->
                            Ports.of(
                                    Map.of(
                                            "GATEWAY_PORT", "0",
                                            "METRICS_PORT", "0",
                                            "AUTH_PORT", port)))
                    .isInstanceOfSatisfying(
                            CommandException.class,
                            failure -> assertThat(failure.status).isEqualTo(1))
                    .hasMessageContaining(port)
                    .hasMessageContaining("AUTH_PORT");
        }
    }

    @Test
    void the_notification_service_gets_the_port_after_the_converter() throws Exception {
        int free = FreePort.pair();
        Ports ports =
                Ports.of(
                        Map.of(
                                "GATEWAY_PORT", "0",
                                "AUTH_PORT", "0",
                                "METRICS_PORT", String.valueOf(free)));
        assertThat(ports.of(Service.CONVERTER)).isEqualTo(free);
        assertThat(ports.of(Service.NOTIFICATION)).isEqualTo(free + 1);
    }

    @Test
    void services_reach_each_other_on_loopback_when_they_listen_on_all_addresses()
            throws Exception {
        Map<String, String> environment =
                Map.of(
                        "BIND", "0.0.0.0",
                        "GATEWAY_PORT", "0",
                        "AUTH_PORT", "0",
                        "METRICS_PORT", "0");
        Ports ports = Ports.of(environment);
        assertThat(ports.authority(Service.AUTH)).startsWith("127.0.0.1:");
        assertThat(ports.authority(Service.GATEWAY)).startsWith("127.0.0.1:");
        assertThat(Ports.free().address(Service.GATEWAY).isLoopbackAddress()).isTrue();
    }

    @Test
    void only_the_gateway_listens_on_other_addresses() throws Exception {
        Ports ports =
                Ports.of(
                        Map.of(
                                "BIND", "0.0.0.0",
                                "GATEWAY_PORT", "0",
                                "AUTH_PORT", "0",
                                "METRICS_PORT", "0"));
        assertThat(ports.address(Service.GATEWAY).isAnyLocalAddress()).isTrue();
        for (Service service : List.of(Service.AUTH, Service.CONVERTER, Service.NOTIFICATION))
            assertThat(ports.address(service).isLoopbackAddress()).as(service.name()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "-1", "65536", "8080x"})
    void rejects_what_is_not_a_port(String value) {
        assertThatThrownBy(() -> Ports.of(Map.of("GATEWAY_PORT", value)))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("GATEWAY_PORT")
                .hasMessageContaining(value);
    }
}
