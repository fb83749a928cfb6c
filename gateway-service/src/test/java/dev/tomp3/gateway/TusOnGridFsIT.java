package dev.tomp3.gateway;

import static dev.tomp3.gateway.Gateway.OTHER_SITE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("back-end")
class TusOnGridFsIT extends TusSuite {
    @Override
    Gateway gateway() throws IOException {
        return Gateway.onGridFs();
    }

    @Test
    void a_page_of_a_site_that_the_operator_names_may_ask_before_it_uploads() throws IOException {
        HttpResponse<String> answer =
                gateway()
                        .send(
                                gateway()
                                        .request("/files/000000000000000000000000")
                                        .header("Origin", OTHER_SITE)
                                        .header("Access-Control-Request-Method", "PATCH")
                                        .header(
                                                "Access-Control-Request-Headers",
                                                "authorization, tus-resumable, upload-offset")
                                        .method("OPTIONS", BodyPublishers.noBody()));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).contains(OTHER_SITE);
        assertThat(answer.headers().firstValue("Access-Control-Allow-Methods").orElse(""))
                .contains("PATCH", "HEAD", "DELETE");
        assertThat(answer.headers().firstValue("Access-Control-Allow-Headers").orElse(""))
                .contains("authorization", "tus-resumable", "upload-offset");
        assertThat(answer.headers().map()).doesNotContainKey("access-control-allow-credentials");
    }

    @Test
    void a_page_of_a_site_that_the_operator_names_reads_the_headers_of_tus() throws IOException {
        HttpResponse<String> answer =
                gateway()
                        .send(
                                gateway()
                                        .someone()
                                        .request("/files")
                                        .header("Origin", OTHER_SITE)
                                        .header("Sec-Fetch-Site", "cross-site")
                                        .header("Tus-Resumable", "1.0.0")
                                        .header("Upload-Length", "10")
                                        .POST(BodyPublishers.noBody()));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).contains(OTHER_SITE);
        assertThat(answer.headers().firstValue("Access-Control-Expose-Headers").orElse(""))
                .contains("Location", "Upload-Offset", "Tus-Resumable", "Upload-Expires");
    }
}
