package dev.tomp3.gateway;

import java.io.IOException;

class JobsOnGridFsIT extends JobSuite {
    @Override
    Gateway gateway() throws IOException {
        return Gateway.onGridFs();
    }
}
