package dev.tomp3.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class ReservedConnectionsFilterTest {
    private static final int OTHERS = 4;

    private final ReservedConnectionsFilter filter =
            new ReservedConnectionsFilter(
                    ReservedConnectionsFilter.RESERVED + OTHERS, Duration.ofMillis(500));
    private final AtomicInteger running = new AtomicInteger();
    private final CountDownLatch end = new CountDownLatch(1);

    @Test
    void logins_leave_connections_for_validations() throws Exception {
        List<CompletableFuture<Integer>> logins = new ArrayList<>();
        for (int i = 0; i < OTHERS; i++) logins.add(slowLogin("1.2.3." + i));
        await().until(() -> running.get() == OTHERS);
        assertThat(status("/login", "5.6.7.8")).isEqualTo(503);
        assertThat(status("/users/7", "5.6.7.8")).isEqualTo(503);
        assertThat(status("/validate", "5.6.7.8")).isEqualTo(200);
        assertThat(status("/.well-known/jwks.json", "5.6.7.8")).isEqualTo(200);
        end.countDown();
        for (CompletableFuture<Integer> login : logins) assertThat(login.get()).isEqualTo(200);
        assertThat(status("/login", "5.6.7.8")).isEqualTo(200);
    }

    @Test
    void one_address_does_not_keep_another_waiting() throws Exception {
        List<CompletableFuture<Integer>> logins = new ArrayList<>();
        for (int i = 0; i < 20; i++) logins.add(slowLogin("1.2.3.4"));
        await().until(() -> running.get() == OTHERS / 2);
        assertThat(status("/login", "5.6.7.8")).isEqualTo(200);
        assertThat(running).hasValue(OTHERS / 2);
        end.countDown();
        for (CompletableFuture<Integer> login : logins) assertThat(login.get()).isIn(200, 503);
        assertThat(status("/login", "1.2.3.4")).isEqualTo(200);
    }

    private CompletableFuture<Integer> slowLogin(String address) {
        return CompletableFuture.supplyAsync(
                () ->
                        status(
                                "/login",
                                address,
                                () -> {
                                    running.incrementAndGet();
                                    try {
                                        end.await();
                                    } catch (InterruptedException e) {
                                        Thread.currentThread().interrupt();
                                    }
                                }),
                Thread::startVirtualThread);
    }

    private int status(String path, String address) {
        return status(path, address, () -> {});
    }

    private int status(String path, String address, Runnable work) {
        MockHttpServletRequest request = new MockHttpServletRequest("POST", path);
        request.setRemoteAddr(address);
        MockHttpServletResponse response = new MockHttpServletResponse();
        try {
            filter.doFilter(request, response, (_, _) -> work.run());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        return response.getStatus();
    }
}
