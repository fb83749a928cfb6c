package dev.tomp3.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Resumable uploads of a user, request by request, or by tus-java-client. */
final class Tus {
    static final int PIECE = 512 * 1024;

    private final User user;

    Tus(User user) {
        this.user = user;
    }

    /** The id of a new upload, which is that of its job. */
    String create(String name, long length) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        HttpResponse<String> answer =
                User.send(
                        request("/files")
                                .header("Upload-Length", Long.toString(length))
                                .header(
                                        "Upload-Metadata",
                                        "filename " + Base64.getEncoder().encodeToString(bytes))
                                .POST(BodyPublishers.noBody()));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return answer.headers().firstValue("Location").orElseThrow().substring(7);
    }

    HttpResponse<String> patch(String id, long offset, BodyPublisher bytes) {
        return User.send(patchRequest(id, offset, bytes));
    }

    /** Sends bytes of a length that is not told, until the stream ends. */
    CompletableFuture<HttpResponse<String>> begin(String id, long offset, InputStream bytes) {
        return user.sendAsync(patchRequest(id, offset, BodyPublishers.ofInputStream(() -> bytes)));
    }

    private HttpRequest.Builder patchRequest(String id, long offset, BodyPublisher bytes) {
        return request("/files/" + id)
                .header("Upload-Offset", Long.toString(offset))
                .header("Content-Type", "application/offset+octet-stream")
                .method("PATCH", bytes);
    }

    long offset(String id) {
        HttpResponse<String> answer =
                User.send(request("/files/" + id).method("HEAD", BodyPublishers.noBody()));
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer.headers().firstValueAsLong("Upload-Offset").orElseThrow();
    }

    private HttpRequest.Builder request(String path) {
        return user.request(path).header("Tus-Resumable", "1.0.0");
    }

    /** What happens between two pieces. */
    interface Break {
        /** The upload with this id is interrupted. */
        void happens(String id) throws IOException;
    }

    /**
     * Uploads a file as a program with tus-java-client does, which goes on after each break.
     *
     * @return the id of the job
     */
    String upload(URI gateway, Path file, Break between) throws Exception {
        io.tus.java.client.TusClient client = new io.tus.java.client.TusClient();
        client.setUploadCreationURL(gateway.resolve("/files").toURL());
        client.setHeaders(Map.of("Authorization", "Bearer " + user.token()));
        client.enableResuming(new io.tus.java.client.TusURLMemoryStore());
        io.tus.java.client.TusUpload upload = new io.tus.java.client.TusUpload(file.toFile());
        upload.setMetadata(Map.of("filename", file.getFileName().toString()));
        while (true) {
            // like a program that was started anew
            upload.setInputStream(java.nio.file.Files.newInputStream(file));
            io.tus.java.client.TusUploader uploader = client.resumeOrCreateUpload(upload);
            uploader.setChunkSize(PIECE);
            uploader.setRequestPayloadSize(2 * PIECE);
            try {
                boolean more = uploader.uploadChunk() >= 0;
                if (more) {
                    between.happens(id(uploader));
                    continue;
                }
                uploader.finish();
                return id(uploader);
            } catch (IOException e) {
                // cut within a piece
            }
        }
    }

    private static String id(io.tus.java.client.TusUploader uploader) {
        String path = uploader.getUploadURL().getPath();
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
