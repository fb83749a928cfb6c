package dev.tomp3.endtoend.deployment;

import static dev.tomp3.endtoend.deployment.Manifests.ROOT;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the startup probe of MongoDB decides, and which users there are: run by Node. */
@Tag("node")
class JoinScriptTest {
    @Test
    void decides_in_every_state_of_a_server() throws Exception {
        String output =
                Manifests.run(
                        Map.of(),
                        List.of(
                                "node",
                                "--test",
                                "--test-reporter=tap",
                                ROOT.resolve("k8s/components/stores/join.test.js").toString(),
                                ROOT.resolve("docker/stores/mongodb-users.test.js").toString()));
        assertThat(output).containsPattern("(?m)^# tests 1[6-9]$").contains("# fail 0");
    }
}
