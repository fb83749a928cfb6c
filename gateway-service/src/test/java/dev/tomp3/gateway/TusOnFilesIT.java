package dev.tomp3.gateway;

import java.io.IOException;

class TusOnFilesIT extends TusSuite {
    @Override
    Gateway gateway() throws IOException {
        return Gateway.onFiles();
    }
}
