package dev.tomp3.endtoend;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** What depends on the media store, with GridFS, as every deployment has it. */
class GridFsJourneyTest extends MediaStoreSuite {
    @Override
    Deployment start(Path directory, Map<String, String> environment) {
        return startOnGridFs(directory, environment);
    }

    static Deployment startOnGridFs(Path directory, Map<String, String> environment) {
        Map<String, String> gridFs = new HashMap<>(environment);
        gridFs.put("MEDIA_STORE", "gridfs");
        // a container has no locale
        gridFs.put("LC_ALL", "C");
        return RunningSystem.start(directory, gridFs);
    }
}
