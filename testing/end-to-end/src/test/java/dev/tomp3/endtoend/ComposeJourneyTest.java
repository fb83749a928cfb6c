package dev.tomp3.endtoend;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;

/** All journeys on RabbitMQ, MySQL and MongoDB, in containers. */
@Tag("compose")
class ComposeJourneyTest extends JourneySuite {
    @Override
    Deployment start(Path directory, Map<String, String> environment) {
        return ComposedSystem.start(directory, environment);
    }

    @Override
    String mailAddress() {
        return "0.0.0.0";
    }

    @Override
    String mailHost() {
        return "host.docker.internal";
    }
}
