package dev.tomp3.gateway;

import java.io.IOException;

class UploadsOnFilesIT extends UploadSuite {
    @Override
    Gateway gateway() throws IOException {
        return Gateway.onFiles();
    }
}
