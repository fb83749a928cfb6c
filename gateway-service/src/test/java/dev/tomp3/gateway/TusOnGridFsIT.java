package dev.tomp3.gateway;

import java.io.IOException;
import org.junit.jupiter.api.Tag;

@Tag("back-end")
class TusOnGridFsIT extends TusSuite {
    @Override
    Gateway gateway() throws IOException {
        return Gateway.onGridFs();
    }
}
