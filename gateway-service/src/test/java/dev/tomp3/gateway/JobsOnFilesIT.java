package dev.tomp3.gateway;

import java.io.IOException;

class JobsOnFilesIT extends JobSuite {
    @Override
    Gateway gateway() throws IOException {
        return Gateway.onFiles();
    }
}
