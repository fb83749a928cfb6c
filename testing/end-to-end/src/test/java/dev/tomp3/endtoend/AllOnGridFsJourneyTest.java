package dev.tomp3.endtoend;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;

/** All journeys with GridFS, those included that do not depend on the media store. */
@Tag("nightly")
class AllOnGridFsJourneyTest extends JourneySuite {
    @Override
    Deployment start(Path directory, Map<String, String> environment) {
        return GridFsJourneyTest.startOnGridFs(directory, environment);
    }
}
