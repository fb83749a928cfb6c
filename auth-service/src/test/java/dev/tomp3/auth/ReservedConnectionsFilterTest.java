package dev.tomp3.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class ReservedConnectionsFilterTest {
    private final ReservedConnectionsFilter filter =
            new ReservedConnectionsFilter(
                    ReservedConnectionsFilter.RESERVED + 2, Duration.ofMillis(50));

    @Test
    void logins_leave_connections_for_validations() throws Exception {
        CountDownLatch begun = new CountDownLatch(2);
        CountDownLatch end = new CountDownLatch(1);
        Thread[] logins = new Thread[2];
        for (int i = 0; i < logins.length; i++) {
            logins[i] =
                    Thread.startVirtualThread(() -> {
                        try {
                            filter.doFilter(
                                    new MockHttpServletRequest("POST", "/login"),
                                    new MockHttpServletResponse(),
                                    (_, _) -> {
                                        begun.countDown();
                                        try {
                                            end.await();
                                        } catch (InterruptedException e) {
                                            Thread.currentThread().interrupt();
                                        }
                                    });
                        } catch (Exception e) {
                            throw new AssertionError(e);
                        }
                    });
        }
        begun.await();
        assertThat(status("/login")).isEqualTo(503);
        assertThat(status("/users/7")).isEqualTo(503);
        assertThat(status("/validate")).isEqualTo(200);
        assertThat(status("/.well-known/jwks.json")).isEqualTo(200);
        end.countDown();
        for (Thread login : logins) login.join();
        assertThat(status("/login")).isEqualTo(200);
    }

    private int status(String path) throws Exception {
        MockHttpServletResponse response = new MockHttpServletResponse();
        filter.doFilter(new MockHttpServletRequest("POST", path), response, (_, _) -> {});
        return response.getStatus();
    }
}
