package dev.tomp3.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;

@TestPropertySource(properties = "tomp3.registration=closed")
class ClosedRegistrationTest extends RunningAuth {
    @Test
    void only_administrators_create_accounts() {
        assertThat(api.get("/register").is(200).json().path("open").asBoolean()).isFalse();
        api.post("/register", Api.credentials("ann@example.org", PASSWORD))
                .isProblem(403, "registration-closed");
        api.post("/register", Map.of()).isProblem(403, "registration-closed");
        api.post("/users", adminToken(), Api.credentials("ann@example.org", PASSWORD)).is(201);
        api.token("ann@example.org", PASSWORD);
    }
}
