package dev.tomp3.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class FreePortTest {
    @RepeatedTest(100)
    void a_pair_is_two_free_ports_that_outgoing_connections_do_not_use() throws IOException {
        int port = FreePort.pair();
        assertThat(port).isBetween(1024, 32_766);
        try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
                ServerSocket _ = new ServerSocket(port + 1, 1, InetAddress.getLoopbackAddress())) {}
    }

    @Test
    void returns_no_port_twice() throws IOException {
        Set<Integer> ports = new HashSet<>();
        for (int i = 0; i < 1000; i++) assertThat(ports.add(FreePort.next())).isTrue();
    }

    @Test
    void fails_for_an_address_of_another_machine() throws IOException {
        InetAddress another = InetAddress.getByName("192.0.2.1");
        assertThatThrownBy(() -> FreePort.next(another)).isInstanceOf(IOException.class);
    }
}
