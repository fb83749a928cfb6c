package dev.tomp3.gateway;

import java.io.IOException;

class UploadToGridFsIT extends UploadSuite {
    @Override
    Gateway gateway() throws IOException {
        return Gateway.onGridFs();
    }
}
