package dev.tomp3.gateway;

import java.io.IOException;

class UploadsOnGridFsIT extends UploadSuite {
    @Override
    Gateway gateway() throws IOException {
        return Gateway.onGridFs();
    }
}
