package dev.tomp3.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.security.crypto.password.DelegatingPasswordEncoder;
import org.springframework.security.crypto.password.Pbkdf2PasswordEncoder;

/** The hashes that the service stores; the other tests use faster ones. */
class PasswordsTest {
    private final Passwords passwords = new Passwords(new AuthService().passwordEncoder());

    @Test
    void hashes_with_argon2id_and_the_parameters_of_owasp() {
        String hash = passwords.encode("correct horse");
        assertThat(hash)
                .startsWith("{argon2}$argon2id$v=19$m=19456,t=2,p=1$")
                .hasSameSizeAs(Passwords.UNMATCHABLE_HASH)
                .isNotEqualTo(passwords.encode("correct horse"));
        assertThat(passwords.matches("correct horse", hash)).isTrue();
        assertThat(passwords.matches("correct horsf", hash)).isFalse();
        assertThat(passwords.matches("correct horse", null)).isFalse();
        assertThat(passwords.isOutdated(hash)).isFalse();
    }

    @Test
    void verifies_hashes_of_earlier_versions_and_wants_them_replaced() {
        String old =
                new DelegatingPasswordEncoder(
                                "pbkdf2",
                                Map.of(
                                        "pbkdf2",
                                        Pbkdf2PasswordEncoder.defaultsForSpringSecurity_v5_8()))
                        .encode("correct horse");
        assertThat(passwords.matches("correct horse", old)).isTrue();
        assertThat(passwords.matches("correct horsf", old)).isFalse();
        assertThat(passwords.isOutdated(String.valueOf(old))).isTrue();
    }

    @Test
    void rejects_the_commonest_passwords_in_any_case() {
        for (String common : new String[] {"password", "PassWord", "12345678", "qwertyuiop"})
            assertThat(Passwords.acceptable(common)).as(common).isFalse();
        assertThat(Passwords.acceptable("correct horse")).isTrue();
        assertThat(Passwords.acceptable(Passwords.random())).isTrue();
    }

    @Test
    void one_address_does_not_keep_another_waiting() throws Exception {
        Passwords two = new Passwords(new AuthService().passwordEncoder(), 2);
        CountDownLatch end = new CountDownLatch(1);
        AtomicInteger running = new AtomicInteger();
        List<CompletableFuture<Integer>> many = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            many.add(
                    CompletableFuture.supplyAsync(
                            () ->
                                    two.withPermit(
                                            "1.2.3.4",
                                            () -> {
                                                int now = running.incrementAndGet();
                                                end.await();
                                                running.decrementAndGet();
                                                return now;
                                            }),
                            Thread::startVirtualThread));
        }
        await().until(() -> running.get() == 1);
        assertThat(two.<String>withPermit("5.6.7.8", () -> "in time")).isEqualTo("in time");
        end.countDown();
        for (CompletableFuture<Integer> one : many) assertThat(one.get()).isEqualTo(1);
    }
}
