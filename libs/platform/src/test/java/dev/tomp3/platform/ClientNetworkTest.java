package dev.tomp3.platform;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientNetworkTest {
    @ParameterizedTest
    @CsvSource({
        "2001:db8::1, 2001:db8:0:0:ffff::2, true",
        "2001:db8::1, 2001:db8:0:1::1, false",
        "fe80:0:0:0:1:2:3:4%2, fe80::9, true",
        "10.0.0.1, 10.0.0.1, true",
        "10.0.0.1, 10.0.0.2, false"
    })
    void the_addresses_of_one_ipv6_network_are_one_client(String one, String other, boolean same) {
        assertThat(ClientNetwork.of(one).equals(ClientNetwork.of(other))).isEqualTo(same);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "unknown", ":", "1:2:3", "10.0.0.1:80"})
    void what_is_no_address_stays_as_it_is(String text) {
        assertThat(ClientNetwork.of(text)).isEqualTo(text);
    }
}
