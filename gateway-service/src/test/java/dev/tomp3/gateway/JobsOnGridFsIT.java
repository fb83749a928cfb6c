package dev.tomp3.gateway;

import java.io.IOException;
import org.junit.jupiter.api.Tag;

@Tag("back-end")
class JobsOnGridFsIT extends JobSuite {
    @Override
    Gateway gateway() throws IOException {
        return Gateway.onGridFs();
    }
}
