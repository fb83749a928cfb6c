package dev.tomp3.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tomp3.notification.EgressGuard.RefusedException;
import dev.tomp3.platform.InvalidConfiguration;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EgressGuardTest {
    private static final Map<String, String> NAMES =
            Map.of(
                    "public.example", "1.1.1.1 2606:4700::1 8.8.8.8",
                    "private.example", "10.1.2.3",
                    "mixed.example", "1.1.1.1 127.0.0.1",
                    "late.example", "1.1.1.1 8.8.8.8 10.1.2.3",
                    "six.example", "fd00::7");

    private static EgressGuard guard(String... allow) {
        return new EgressGuard(List.of(allow), EgressGuardTest::lookup);
    }

    private static InetAddress[] lookup(String host) throws UnknownHostException {
        String addresses = NAMES.get(host.toLowerCase(Locale.ROOT));
        if (addresses == null) throw new UnknownHostException(host);
        return Stream.of(addresses.split(" "))
                .map(InetAddress::ofLiteral)
                .toArray(InetAddress[]::new);
    }

    private static void assertRefused(EgressGuard guard, String host) {
        assertThatThrownBy(() -> guard.resolve(host)).isInstanceOf(RefusedException.class);
    }

    @Test
    void a_public_host_is_resolved_to_two_addresses_at_most() throws Exception {
        assertThat(guard().resolve("public.example"))
                .containsExactly(
                        InetAddress.ofLiteral("1.1.1.1"), InetAddress.ofLiteral("2606:4700::1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"private.example", "mixed.example", "late.example", "six.example"})
    void a_host_with_any_address_that_is_not_public_is_refused(String host) {
        assertRefused(guard(), host);
    }

    @Test
    void an_allowed_address_or_block_need_not_be_public() throws Exception {
        assertThat(guard("10.1.0.0/16").resolve("private.example")).hasSize(1);
        assertThat(guard("10.1.2.3").resolve("private.example")).hasSize(1);
        assertThat(guard(" fd00::/8 ").resolve("six.example")).hasSize(1);
        assertRefused(guard("10.2.0.0/16", "10.1.2.4", "fd00::/8"), "private.example");
    }

    @Test
    void an_allowed_host_may_have_any_address_and_another_name_for_it_may_not() throws Exception {
        EgressGuard guard = guard("Private.Example");
        assertThat(guard.resolve("private.example")).hasSize(1);
        assertThat(guard.resolve("PRIVATE.example")).hasSize(1);
        assertRefused(guard, "mixed.example");
    }

    @Test
    void an_empty_setting_allows_nothing_more() {
        assertRefused(guard(""), "private.example");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"10.0.0.0/33", "10.0.0/8/", "fd00::/129", "a b", "http://x", "*.x", "-x"})
    void an_entry_that_means_nothing_stops_the_start(String entry) {
        assertThatThrownBy(() -> guard(entry))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("WEBHOOK_ALLOW", entry);
    }
}
