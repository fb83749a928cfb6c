package dev.tomp3.gateway;

import static dev.tomp3.gateway.Form.video;
import static dev.tomp3.gateway.Gateway.assertProblem;
import static dev.tomp3.gateway.Gateway.json;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.ResumableUploads;
import dev.tomp3.jobs.media.MediaOutput;
import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.data.mongodb.core.MongoTemplate;

/**
 * {@code /files}, on any media store. The tests of the first four groups are named after the
 * sentences of tus 1.0.0 that say MUST.
 */
abstract class TusSuite {
    private static final String PART = "application/offset+octet-stream";

    private Gateway gateway;
    private Gateway.Someone ann;

    abstract Gateway gateway() throws IOException;

    @BeforeEach
    void ann() throws IOException {
        gateway = gateway();
        ann = gateway.someone();
    }

    @Nested
    class Core {
        @ParameterizedTest
        @ValueSource(strings = {"-1", "1.5", "", "0x10", "many", "99999999999999999999", "+1"})
        void an_upload_offset_must_be_a_non_negative_integer(String offset) {
            String upload = created(1000);
            assertProblem(
                    patch(upload, video(10), "Upload-Offset", offset), 400, "malformed-request");
            assertThat(offset(upload)).isZero();
        }

        @ParameterizedTest
        @ValueSource(strings = {"-1", "1.5", "", "1e3", "many", "99999999999999999999"})
        void an_upload_length_must_be_a_non_negative_integer(String length) {
            assertProblem(create("Upload-Length", length), 400, "malformed-request");
        }

        @Test
        void every_response_must_have_the_version_of_the_protocol() {
            String upload = created(1000);
            for (HttpResponse<String> answer :
                    List.of(
                            create("Upload-Length", "1000"),
                            create("Upload-Length", "x"),
                            head(upload),
                            head("/files/000000000000000000000000"),
                            patch(upload, video(10), "Upload-Offset", "0"),
                            patch(upload, video(10), "Upload-Offset", "7"),
                            delete(upload),
                            gateway.send(
                                    gateway.request(upload)
                                            .header("Tus-Resumable", "1.0.0")
                                            .method("HEAD", BodyPublishers.noBody())))) {
                assertThat(header(answer, "Tus-Resumable"))
                        .as(answer.toString())
                        .isEqualTo("1.0.0");
            }
        }

        @ParameterizedTest
        @CsvSource(
                nullValues = "none",
                value = {"none", "0.2.2", "1.0.1", "1.0", "2.0.0", "''"})
        void another_version_must_be_answered_with_412_and_not_processed(@Nullable String version) {
            String upload = created(1000);
            Inventory before = gateway.inventory();
            for (HttpRequest.Builder request :
                    List.of(
                            ann.request("/files")
                                    .header("Upload-Length", "1000")
                                    .POST(BodyPublishers.noBody()),
                            ann.request(upload)
                                    .header("Upload-Offset", "0")
                                    .header("Content-Type", PART)
                                    .method("PATCH", BodyPublishers.ofByteArray(video(10))),
                            ann.request(upload).DELETE())) {
                if (version != null) request.header("Tus-Resumable", version);
                HttpResponse<String> answer = gateway.send(request);
                assertProblem(answer, 412, "unsupported-tus-version");
                assertThat(header(answer, "Tus-Version")).isEqualTo("1.0.0");
            }
            assertThat(offset(upload)).isZero();
            gateway.assertNothingAddedSince(before);
        }

        @ParameterizedTest
        @ValueSource(strings = {"POST", "GET", "PUT"})
        void the_overriding_method_must_be_taken_and_the_actual_one_ignored(String actual) {
            String upload = created(1000);
            HttpResponse<String> answer =
                    gateway.send(
                            tus(upload)
                                    .header("X-HTTP-Method-Override", "PATCH")
                                    .header("Upload-Offset", "0")
                                    .header("Content-Type", PART)
                                    .method(actual, BodyPublishers.ofByteArray(video(10))));
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
            assertThat(offset(upload)).isEqualTo(10);
            answer =
                    gateway.send(
                            tus(upload)
                                    .header("X-HTTP-Method-Override", "HEAD")
                                    .method(actual, BodyPublishers.noBody()));
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(header(answer, "Upload-Offset")).isEqualTo("10");
            answer =
                    gateway.send(
                            tus(upload)
                                    .header("X-HTTP-Method-Override", "DELETE")
                                    .method(actual, BodyPublishers.noBody()));
            assertThat(answer.statusCode()).isEqualTo(204);
            assertProblemOfHead(head(upload), 410);
        }

        @Test
        void an_override_must_not_circumvent_the_check_for_other_sites() {
            String upload = created(1000);
            HttpRequest.Builder forged =
                    gateway.request(upload)
                            .header("Cookie", "tomp3_session=" + ann.token)
                            .header("Sec-Fetch-Site", "cross-site")
                            .header("Tus-Resumable", "1.0.0")
                            .header("X-HTTP-Method-Override", "DELETE");
            assertProblem(gateway.send(forged.GET()), 403, "cross-site");
            assertThat(offset(upload)).isZero();
        }

        @Test
        void a_head_response_must_have_the_offset_even_if_it_is_0_or_the_upload_is_complete() {
            byte[] video = video(3000);
            String upload = created(3000);
            assertThat(header(head(upload), "Upload-Offset")).isEqualTo("0");
            patch(upload, Arrays.copyOf(video, 1000), "Upload-Offset", "0");
            assertThat(header(head(upload), "Upload-Offset")).isEqualTo("1000");
            patch(upload, Arrays.copyOfRange(video, 1000, 3000), "Upload-Offset", "1000");
            assertThat(header(head(upload), "Upload-Offset")).isEqualTo("3000");
        }

        @Test
        void a_head_response_must_have_the_length_if_it_is_known() {
            String upload = created(3000);
            assertThat(header(head(upload), "Upload-Length")).isEqualTo("3000");
            patch(upload, video(3000), "Upload-Offset", "0");
            assertThat(header(head(upload), "Upload-Length")).isEqualTo("3000");
        }

        @Test
        void a_head_response_must_not_be_cached() {
            assertThat(header(head(created(3000)), "Cache-Control")).isEqualTo("no-store");
        }

        @ParameterizedTest
        @ValueSource(strings = {"/files/000000000000000000000000", "/files/x"})
        void an_unknown_upload_must_have_no_offset(String upload) {
            assertProblemOfHead(head(upload), 404);
            assertProblem(patch(upload, video(10), "Upload-Offset", "0"), 404, "not-found");
            assertProblem(delete(upload), 404, "not-found");
        }

        @ParameterizedTest
        @ValueSource(strings = {"application/octet-stream", "video/mp4", "multipart/form-data"})
        void bytes_must_have_the_type_of_bytes_with_an_offset(String type) {
            String upload = created(1000);
            HttpRequest.Builder request =
                    tus(upload)
                            .header("Upload-Offset", "0")
                            .header("Content-Type", type)
                            .method("PATCH", BodyPublishers.ofByteArray(video(10)));
            assertProblem(gateway.send(request), 415, "unsupported-type");
            assertThat(offset(upload)).isZero();
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 999, 1001, 100_000})
        void another_offset_must_be_answered_with_409_and_change_nothing(int offset) {
            byte[] video = video(3000);
            String upload = created(3000);
            patch(upload, Arrays.copyOf(video, 1000), "Upload-Offset", "0");
            assertProblem(
                    patch(upload, new byte[100], "Upload-Offset", Integer.toString(offset)),
                    409,
                    "offset-mismatch");
            assertThat(offset(upload)).isEqualTo(1000);
            patch(upload, Arrays.copyOfRange(video, 1000, 3000), "Upload-Offset", "1000");
            assertStored(upload, video);
        }

        @Test
        void a_patch_must_be_acknowledged_with_204_and_the_sum_of_offset_and_bytes() {
            String upload = created(3000);
            HttpResponse<String> answer = patch(upload, video(1000), "Upload-Offset", "0");
            assertThat(answer.statusCode()).isEqualTo(204);
            assertThat(header(answer, "Upload-Offset")).isEqualTo("1000");
            answer = patch(upload, new byte[0], "Upload-Offset", "1000");
            assertThat(answer.statusCode()).isEqualTo(204);
            assertThat(header(answer, "Upload-Offset")).isEqualTo("1000");
            answer = patch(upload, new byte[2000], "Upload-Offset", "1000");
            assertThat(answer.statusCode()).isEqualTo(204);
            assertThat(header(answer, "Upload-Offset")).isEqualTo("3000");
        }

        @ParameterizedTest
        @ValueSource(strings = {"/files", "/files/000000000000000000000000"})
        void an_options_response_must_tell_the_versions_and_ignore_that_of_the_request(
                String path) {
            for (String version : List.of("", "1.0.0", "0.1")) {
                HttpRequest.Builder request = gateway.request(path);
                if (!version.isEmpty()) request.header("Tus-Resumable", version);
                HttpResponse<String> answer =
                        gateway.send(request.method("OPTIONS", BodyPublishers.noBody()));
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
                assertThat(header(answer, "Tus-Version")).isEqualTo("1.0.0");
                assertThat(header(answer, "Tus-Max-Size"))
                        .isEqualTo(Integer.toString(Gateway.MAX_UPLOAD));
            }
        }
    }

    @Nested
    class Creation {
        @Test
        void the_supported_extensions_must_be_listed_with_commas() {
            HttpResponse<String> answer =
                    gateway.send(
                            gateway.request("/files").method("OPTIONS", BodyPublishers.noBody()));
            assertThat(header(answer, "Tus-Extension").split(","))
                    .containsExactlyInAnyOrder(
                            "creation",
                            "creation-with-upload",
                            "creation-defer-length",
                            "expiration",
                            "checksum",
                            "termination");
        }

        @Test
        void a_creation_must_be_acknowledged_with_201_and_the_location() {
            HttpResponse<String> answer = create("Upload-Length", "1000");
            assertThat(answer.statusCode()).isEqualTo(201);
            String location = header(answer, "Location");
            assertThat(location).matches("/files/[0-9a-f]{24}");
            assertThat(header(answer, "Upload-Offset")).isEqualTo("0");
        }

        @Test
        void a_creation_must_have_either_a_length_or_a_deferred_one() {
            Inventory before = gateway.inventory();
            assertProblem(create(), 400, "malformed-request");
            assertProblem(
                    create("Upload-Length", "10", "Upload-Defer-Length", "1"),
                    400,
                    "malformed-request");
            gateway.assertNothingAddedSince(before);
        }

        @ParameterizedTest
        @ValueSource(strings = {"0", "2", "true", ""})
        void a_deferred_length_must_be_1(String value) {
            assertProblem(create("Upload-Defer-Length", value), 400, "malformed-request");
        }

        @Test
        void a_longer_upload_than_the_maximum_must_be_answered_with_413() {
            Inventory before = gateway.inventory();
            assertProblem(
                    create("Upload-Length", Integer.toString(Gateway.MAX_UPLOAD + 1)),
                    413,
                    "too-large");
            gateway.assertNothingAddedSince(before);
            assertThat(create("Upload-Length", Integer.toString(Gateway.MAX_UPLOAD)).statusCode())
                    .isEqualTo(201);
        }

        @Test
        void a_head_response_must_say_that_the_length_is_not_known() {
            String upload = header(create("Upload-Defer-Length", "1"), "Location");
            patch(upload, video(500), "Upload-Offset", "0");
            HttpResponse<String> answer = head(upload);
            assertThat(header(answer, "Upload-Defer-Length")).isEqualTo("1");
            assertThat(answer.headers().firstValue("Upload-Length")).isEmpty();
            assertThat(header(answer, "Upload-Offset")).isEqualTo("500");
        }

        @Test
        void a_deferred_length_must_be_taken_from_a_later_patch() {
            byte[] video = video(3000);
            String upload = header(create("Upload-Defer-Length", "1"), "Location");
            patch(upload, Arrays.copyOf(video, 1000), "Upload-Offset", "0");
            HttpResponse<String> answer =
                    patch(
                            upload,
                            Arrays.copyOfRange(video, 1000, 2000),
                            "Upload-Offset",
                            "1000",
                            "Upload-Length",
                            "3000");
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
            assertThat(header(head(upload), "Upload-Length")).isEqualTo("3000");
            assertThat(head(upload).headers().firstValue("Upload-Defer-Length")).isEmpty();
            patch(upload, Arrays.copyOfRange(video, 2000, 3000), "Upload-Offset", "2000");
            assertStored(upload, video);
        }

        @Test
        void a_length_may_be_declared_with_nothing_that_follows() {
            byte[] video = video(3000);
            String upload = header(create("Upload-Defer-Length", "1"), "Location");
            patch(upload, video, "Upload-Offset", "0");
            assertThat(status(upload)).isEqualTo("uploading");
            patch(upload, new byte[0], "Upload-Offset", "3000", "Upload-Length", "3000");
            assertStored(upload, video);
        }

        @Test
        void a_length_must_not_be_changed() {
            String upload = created(3000);
            assertProblem(
                    patch(upload, video(10), "Upload-Offset", "0", "Upload-Length", "2999"),
                    400,
                    "malformed-request");
            assertThat(header(head(upload), "Upload-Length")).isEqualTo("3000");
            HttpResponse<String> same =
                    patch(upload, video(10), "Upload-Offset", "0", "Upload-Length", "3000");
            assertThat(same.statusCode()).isEqualTo(204);
        }

        @Test
        void a_declared_length_must_be_possible() {
            String upload = header(create("Upload-Defer-Length", "1"), "Location");
            patch(upload, video(1000), "Upload-Offset", "0");
            assertProblem(
                    patch(upload, new byte[0], "Upload-Offset", "1000", "Upload-Length", "999"),
                    400,
                    "malformed-request");
            assertProblem(
                    patch(
                            upload,
                            new byte[0],
                            "Upload-Offset",
                            "1000",
                            "Upload-Length",
                            Integer.toString(Gateway.MAX_UPLOAD + 1)),
                    413,
                    "too-large");
            String empty = header(create("Upload-Defer-Length", "1"), "Location");
            assertProblem(
                    patch(empty, new byte[0], "Upload-Offset", "0", "Upload-Length", "0"),
                    400,
                    "empty-file");
            assertProblemOfHead(head(empty), 404);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "filename",
                    "filename dmlkZW8ubXA0",
                    "filename dmlkZW8ubXA0,bitrate MTI4,mono dHJ1ZQ==,filetype dmlkZW8vbXA0",
                    "filename dmlkZW8ubXA0,relativePath bnVsbA==,name dmlkZW8ubXA0,type eA=="
                })
        void a_head_response_must_have_the_metadata_as_they_were_sent(String metadata) {
            String upload =
                    header(
                            create("Upload-Length", "3000", "Upload-Metadata", metadata),
                            "Location");
            assertThat(header(head(upload), "Upload-Metadata")).isEqualTo(metadata);
            patch(upload, video(3000), "Upload-Offset", "0");
            assertThat(header(head(upload), "Upload-Metadata")).isEqualTo(metadata);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "filename dmlkZW8,filename dmlkZW8",
                    ",filename dmlkZW8=",
                    "filename not_base64!",
                    "filename dmlkZW8= more",
                    "filename /w==",
                    ",",
                    "filename dmlkZW8=,"
                })
        void metadata_must_be_unique_keys_with_values_in_base64(String metadata) {
            Inventory before = gateway.inventory();
            assertProblem(
                    create("Upload-Length", "10", "Upload-Metadata", metadata),
                    400,
                    "invalid-metadata");
            gateway.assertNothingAddedSince(before);
        }

        @Test
        void the_metadata_are_the_name_and_the_options_of_the_job() {
            String upload =
                    header(
                            create(
                                    "Upload-Length",
                                    "3000",
                                    "Upload-Metadata",
                                    metadata(
                                            Map.of(
                                                    "filename",
                                                    "../Grüße.mp4",
                                                    "bitrate",
                                                    "128",
                                                    "mono",
                                                    "true"))),
                            "Location");
            var job = json(ann.get(jobOf(upload)));
            assertThat(job.get("filename").asString()).isEqualTo("Grüße.mp4");
            assertThat(job.get("options").get("bitrate").asInt()).isEqualTo(128);
            assertThat(job.get("options").get("mono").asBoolean()).isTrue();
            assertThat(job.get("size_bytes").asLong()).isEqualTo(3000);
            for (Map<String, String> wrong :
                    List.of(Map.of("bitrate", "31"), Map.of("bitrat", "128"))) {
                assertProblem(
                        create("Upload-Length", "10", "Upload-Metadata", metadata(wrong)),
                        400,
                        "invalid-options");
            }
        }

        @Test
        void the_first_bytes_may_come_with_the_creation_and_must_be_acknowledged() {
            byte[] video = video(3000);
            HttpResponse<String> answer =
                    createWith(Arrays.copyOf(video, 1000), "Upload-Length", "3000");
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
            assertThat(header(answer, "Upload-Offset")).isEqualTo("1000");
            String upload = header(answer, "Location");
            patch(upload, Arrays.copyOfRange(video, 1000, 3000), "Upload-Offset", "1000");
            assertStored(upload, video);
        }

        @Test
        void a_creation_may_bring_all_bytes() {
            byte[] video = video(300_000);
            HttpResponse<String> answer = createWith(video, "Upload-Length", "300000");
            assertThat(header(answer, "Upload-Offset")).isEqualTo("300000");
            assertStored(header(answer, "Location"), video);
        }

        @Test
        void a_creation_with_bytes_of_another_type_is_rejected() {
            Inventory before = gateway.inventory();
            HttpRequest.Builder request =
                    tus("/files")
                            .header("Upload-Length", "3000")
                            .header("Content-Type", "video/mp4")
                            .POST(BodyPublishers.ofByteArray(video(10)));
            assertProblem(gateway.send(request), 415, "unsupported-type");
            assertProblem(createWith(video(100), "Upload-Length", "99"), 413, "too-large");
            gateway.assertNothingAddedSince(before);
        }
    }

    @Nested
    class Expiration {
        @Test
        void the_time_of_expiry_must_be_in_every_response_of_an_upload_that_may_expire() {
            HttpResponse<String> created = create("Upload-Length", "3000");
            String upload = header(created, "Location");
            HttpResponse<String> continued = patch(upload, video(1000), "Upload-Offset", "0");
            for (HttpResponse<String> answer : List.of(created, continued, head(upload))) {
                Instant expires =
                        ZonedDateTime.parse(
                                        header(answer, "Upload-Expires"),
                                        DateTimeFormatter.RFC_1123_DATE_TIME)
                                .toInstant();
                assertThat(expires)
                        .isBetween(
                                Instant.now().plus(Duration.ofHours(23)),
                                Instant.now().plus(Duration.ofHours(25)));
                assertThat(header(answer, "Upload-Expires"))
                        .matches("[A-Z][a-z]{2}, \\d\\d [A-Z][a-z]{2} \\d{4} [0-9:]{8} GMT");
            }
        }

        @Test
        void an_expired_upload_is_gone() {
            String upload = created(3000);
            patch(upload, video(1000), "Upload-Offset", "0");
            set(upload, "upload.resumable.expires", Date.from(Instant.now().minusSeconds(1)));
            assertProblemOfHead(head(upload), 410);
            assertProblem(patch(upload, video(1000), "Upload-Offset", "1000"), 410, "upload-gone");
            assertProblem(delete(upload), 410, "upload-gone");
        }
    }

    @Nested
    class ChecksumAndTermination {
        @Test
        void the_supported_checksum_algorithms_must_be_told() {
            HttpResponse<String> answer =
                    gateway.send(
                            gateway.request("/files").method("OPTIONS", BodyPublishers.noBody()));
            assertThat(header(answer, "Tus-Checksum-Algorithm")).isEqualTo("sha1,sha256");
        }

        @ParameterizedTest
        @CsvSource({"sha1,SHA-1", "sha256,SHA-256"})
        void a_checksum_must_be_verified(String name, String algorithm) throws Exception {
            byte[] video = video(400_000);
            byte[] first = Arrays.copyOf(video, 300_000);
            byte[] rest = Arrays.copyOfRange(video, 300_000, 400_000);
            String upload = created(400_000);
            HttpResponse<String> answer =
                    patch(
                            upload,
                            first,
                            "Upload-Offset",
                            "0",
                            "Upload-Checksum",
                            checksum(name, algorithm, first));
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
            byte[] corrupt = rest.clone();
            corrupt[50_000] ^= 1;
            assertProblem(
                    patch(
                            upload,
                            corrupt,
                            "Upload-Offset",
                            "300000",
                            "Upload-Checksum",
                            checksum(name, algorithm, rest)),
                    460,
                    "checksum-mismatch");
            assertThat(offset(upload)).as("the bytes must be discarded").isEqualTo(300_000);
            patch(
                    upload,
                    rest,
                    "Upload-Offset",
                    "300000",
                    "Upload-Checksum",
                    checksum(name, algorithm, rest));
            assertStored(upload, video);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"md5 1B2M2Y8AsgTpgAmY7PhCfg==", "sha1", "sha1 AAAA", "sha1 !", "sha1 "})
        void another_checksum_algorithm_is_answered_with_400(String checksum) {
            String upload = created(1000);
            assertProblem(
                    patch(upload, video(10), "Upload-Offset", "0", "Upload-Checksum", checksum),
                    400,
                    "malformed-request");
            assertThat(offset(upload)).isZero();
        }

        @Test
        void bytes_with_a_checksum_count_only_when_all_are_there() throws Exception {
            byte[] video = video(600_000);
            String upload = created(600_000);
            try (Wire wire = new Wire(gateway.port())) {
                wire.send(
                        patchHead(upload, 0, 600_000)
                                + "Upload-Checksum: "
                                + checksum("sha1", "SHA-1", video)
                                + "\r\n\r\n");
                wire.send(Arrays.copyOf(video, 500_000));
            }
            assertThat(offset(upload)).isZero();
            patch(upload, video, "Upload-Offset", "0");
            assertStored(upload, video);
        }

        @Test
        void a_termination_must_be_answered_with_204_and_frees_what_was_stored() {
            String upload = created(600_000);
            patch(upload, video(500_000), "Upload-Offset", "0");
            assertThat(gateway.media(Bucket.VIDEOS)).contains(idOf(upload));
            assertThat(delete(upload).statusCode()).isEqualTo(204);
            assertProblemOfHead(head(upload), 410);
            assertProblem(patch(upload, video(10), "Upload-Offset", "500000"), 410, "upload-gone");
            assertThat(status(upload)).isEqualTo("cancelled");
            await().atMost(Duration.ofSeconds(15))
                    .until(() -> !gateway.media(Bucket.VIDEOS).contains(idOf(upload)));
        }

        @Test
        void a_complete_upload_is_terminated_with_its_job() {
            String upload = created(3000);
            patch(upload, video(3000), "Upload-Offset", "0");
            assertThat(delete(upload).statusCode()).isEqualTo(204);
            assertThat(status(upload)).isEqualTo("cancelled");
        }
    }

    @Nested
    class The_upload {
        @Test
        void becomes_a_job_with_its_last_byte() {
            byte[] video = video(700_001);
            String upload = created(700_001);
            var job = json(ann.get(jobOf(upload)));
            assertThat(job.get("status").asString()).isEqualTo("uploading");
            assertThat(job.get("received_bytes").asLong()).isZero();
            for (int offset = 0; offset < video.length; offset += 100_000) {
                int end = Math.min(video.length, offset + 100_000);
                patch(
                        upload,
                        Arrays.copyOfRange(video, offset, end),
                        "Upload-Offset",
                        Integer.toString(offset));
                job = json(ann.get(jobOf(upload)));
                if (end < video.length)
                    assertThat(job.get("received_bytes").asLong()).isEqualTo(end);
            }
            assertThat(job.get("status").asString()).isEqualTo("queued");
            assertThat(job.has("received_bytes")).isFalse();
            assertThat(job.get("size_bytes").asLong()).isEqualTo(700_001);
            assertStored(upload, video);
        }

        @Test
        void is_rejected_and_gone_when_it_is_not_media() {
            Inventory before = gateway.inventory();
            byte[] text = "just text, and more of it\n".repeat(4000).getBytes(UTF_8);
            String upload = created(text.length);
            assertProblem(patch(upload, text, "Upload-Offset", "0"), 415, "not-media");
            assertProblemOfHead(head(upload), 404);
            assertProblem(
                    createWith(text, "Upload-Length", Integer.toString(text.length)),
                    415,
                    "not-media");
            // in parts that are too small to tell
            upload = created(1000);
            patch(upload, Arrays.copyOf(text, 500), "Upload-Offset", "0");
            assertProblem(
                    patch(upload, Arrays.copyOfRange(text, 500, 1000), "Upload-Offset", "500"),
                    415,
                    "not-media");
            assertProblemOfHead(head(upload), 404);
            gateway.assertNothingAddedSince(before);
        }

        @Test
        void takes_an_empty_body_in_chunks_when_it_is_complete() throws IOException {
            String upload = created(3000);
            patch(upload, video(3000), "Upload-Offset", "0");
            for (String body : List.of("0\r\n\r\n", "1\r\nx\r\n0\r\n\r\n")) {
                try (Wire wire = new Wire(gateway.port())) {
                    wire.send(patchHead(upload, 3000, -1) + "\r\n" + body);
                    assertThat(wire.receive().status()).isEqualTo(body.startsWith("0") ? 204 : 413);
                }
            }
        }

        @Test
        void is_never_empty() {
            assertProblem(create("Upload-Length", "0"), 400, "empty-file");
        }

        @Test
        void is_unknown_to_everyone_but_its_owner() {
            String upload = created(3000);
            for (Gateway.Someone other : List.of(gateway.someone(), gateway.administrator())) {
                ann = other;
                assertProblemOfHead(head(upload), 404);
                assertProblem(patch(upload, video(10), "Upload-Offset", "0"), 404, "not-found");
                assertProblem(delete(upload), 404, "not-found");
            }
        }

        @Test
        void needs_a_key_that_may_write_jobs() {
            String upload = created(3000);
            String reader = gateway.auth.key(ann.user, "jobs:read", "download");
            String writer = gateway.auth.key(ann.user, "jobs:write");
            ann.token = reader;
            assertProblem(create("Upload-Length", "10"), 403, "insufficient-scope");
            assertProblem(
                    patch(upload, video(10), "Upload-Offset", "0"), 403, "insufficient-scope");
            assertProblem(delete(upload), 403, "insufficient-scope");
            assertThat(head(upload).statusCode()).isEqualTo(403);
            ann.token = writer;
            assertThat(patch(upload, video(3000), "Upload-Offset", "0").statusCode())
                    .isEqualTo(204);
        }

        @Test
        void is_found_again_by_its_idempotency_key() {
            byte[] video = video(3000);
            String[] headers = {
                "Upload-Length",
                "3000",
                "Upload-Metadata",
                metadata(Map.of("filename", "a.mp4")),
                "Idempotency-Key",
                "one"
            };
            String upload = header(create(headers), "Location");
            patch(upload, Arrays.copyOf(video, 1000), "Upload-Offset", "0");
            HttpResponse<String> again = create(headers);
            assertThat(again.statusCode()).isEqualTo(201);
            assertThat(header(again, "Location")).isEqualTo(upload);
            assertThat(header(again, "Upload-Offset")).isEqualTo("1000");
            again = createWith(video, headers);
            assertThat(header(again, "Location")).isEqualTo(upload);
            assertThat(header(again, "Upload-Offset")).isEqualTo("1000");
            patch(upload, Arrays.copyOfRange(video, 1000, 3000), "Upload-Offset", "1000");
            again = create(headers);
            assertThat(header(again, "Location")).isEqualTo(upload);
            assertThat(header(again, "Upload-Offset")).isEqualTo("3000");
            headers[1] = "3001";
            assertProblem(create(headers), 422, "idempotency-key-reused");
            assertThat(gateway.jobs().list(ann.user.id(), null, 10)).hasSize(1);
        }

        @Test
        void must_not_have_more_bytes_than_it_declares() throws IOException {
            String upload = created(3000);
            assertProblem(patch(upload, video(3001), "Upload-Offset", "0"), 413, "too-large");
            try (Wire wire = new Wire(gateway.port())) {
                wire.send(patchHead(upload, 0, -1) + "\r\n");
                wire.chunk(video(2000));
                wire.chunk(video(2000));
                wire.send("0\r\n\r\n");
                assertProblem(wire.receive(), 413, "too-large");
            }
            assertThat(status(upload)).isEqualTo("uploading");
        }

        @Test
        void is_kept_as_far_as_it_came_when_its_connection_breaks() throws Exception {
            byte[] video = video(900_000);
            String upload = created(900_000);
            long offset = 0;
            int[] breaks = {1, 30_000, 255 * 1024, 255 * 1024 + 1, 600_000, 899_999};
            for (int until : breaks) {
                while (offset < until) {
                    try (Wire wire = new Wire(gateway.port())) {
                        wire.send(patchHead(upload, offset, video.length - offset) + "\r\n");
                        wire.send(Arrays.copyOfRange(video, (int) offset, until));
                    }
                    long before = offset;
                    offset = offset(upload);
                    assertThat(offset).isBetween(before, (long) until);
                }
            }
            patch(upload, Arrays.copyOfRange(video, 899_999, 900_000), "Upload-Offset", "899999");
            assertStored(upload, video);
        }

        @Test
        void goes_on_with_a_newer_request_while_an_older_one_hangs() throws Exception {
            byte[] video = video(900_000);
            String upload = created(900_000);
            try (Wire hanging = new Wire(gateway.port())) {
                hanging.send(patchHead(upload, 0, 900_000) + "\r\n");
                hanging.send(Arrays.copyOf(video, 400_123));
                awaitReceived(upload, 400_123);
                Instant before = Instant.now();
                assertThat(offset(upload)).isEqualTo(400_123);
                assertThat(Duration.between(before, Instant.now()))
                        .isLessThan(Duration.ofSeconds(3));
                // what the older one sends now does not count
                hanging.send(new byte[100_000]);
                assertProblem(hanging.receive(), 409, "upload-superseded");
            }
            assertThat(offset(upload)).isEqualTo(400_123);
            patch(upload, Arrays.copyOfRange(video, 400_123, 900_000), "Upload-Offset", "400123");
            assertStored(upload, video);
        }

        @Test
        void goes_on_at_the_safe_offset_after_its_gateway_was_lost() throws Exception {
            byte[] video = video(900_000);
            String upload = created(900_000);
            patch(upload, Arrays.copyOf(video, 300_000), "Upload-Offset", "0");
            // another gateway writes, and is lost before it has recorded anything
            ResumableUploads uploads = gateway.bean(ResumableUploads.class);
            MediaStore media = gateway.bean(MediaStore.class);
            Job job = uploads.request(idOf(upload)).orElseThrow();
            long number = Objects.requireNonNull(job.resumable()).requests();
            job = uploads.open(job, number).orElseThrow();
            MediaOutput lost = media.append(Bucket.VIDEOS, job.id(), 300_000, number);
            lost.write(new byte[500_000]);
            lost.suspend();
            assertThat(offset(upload)).isEqualTo(300_000);
            assertThat(uploads.release(job, 800_000, true)).as("it comes too late").isFalse();
            assertThat(offset(upload)).isEqualTo(300_000);
            patch(upload, Arrays.copyOfRange(video, 300_000, 600_000), "Upload-Offset", "300000");
            patch(upload, Arrays.copyOfRange(video, 600_000, 900_000), "Upload-Offset", "600000");
            assertStored(upload, video);
        }

        @Test
        void is_accepted_when_its_gateway_was_lost_with_the_last_byte() throws Exception {
            byte[] video = video(300_000);
            String upload = created(300_000);
            ResumableUploads uploads = gateway.bean(ResumableUploads.class);
            Job job = uploads.request(idOf(upload)).orElseThrow();
            long number = Objects.requireNonNull(job.resumable()).requests();
            job = uploads.open(job, number).orElseThrow();
            try (MediaOutput out =
                    gateway.bean(MediaStore.class).append(Bucket.VIDEOS, job.id(), 0, number)) {
                out.write(video);
                out.commit();
            }
            uploads.release(job, 300_000, true);
            assertThat(offset(upload)).isEqualTo(300_000);
            assertStored(upload, video);
        }

        @Test
        void is_one_of_a_limited_number() {
            List<String> uploads = new ArrayList<>();
            for (int i = 0; i < 50; i++) uploads.add(created(10));
            Inventory before = gateway.inventory();
            assertProblem(create("Upload-Length", "10"), 429, "too-many-uploads");
            gateway.assertNothingAddedSince(before);
            assertThat(delete(uploads.getFirst()).statusCode()).isEqualTo(204);
            assertThat(create("Upload-Length", "10").statusCode()).isEqualTo(201);
        }

        @Test
        void tells_no_other_site_anything() {
            HttpResponse<String> answer =
                    gateway.send(
                            gateway.request("/files")
                                    .header("Origin", "https://other.example.org")
                                    .method("OPTIONS", BodyPublishers.noBody()));
            assertThat(answer.headers().map()).doesNotContainKey("access-control-allow-origin");
        }
    }

    // ---- requests

    private HttpRequest.Builder tus(String path) {
        return ann.request(path).header("Tus-Resumable", "1.0.0");
    }

    private HttpResponse<String> create(String... headers) {
        return createBy(BodyPublishers.noBody(), headers);
    }

    private HttpResponse<String> createWith(byte[] bytes, String... headers) {
        String[] all = Arrays.copyOf(headers, headers.length + 2);
        all[headers.length] = "Content-Type";
        all[headers.length + 1] = PART;
        return createBy(BodyPublishers.ofByteArray(bytes), all);
    }

    private HttpResponse<String> createBy(BodyPublisher body, String... headers) {
        HttpRequest.Builder request = tus("/files").POST(body);
        if (headers.length > 0) request.headers(headers);
        return gateway.send(request);
    }

    /** The path of a new upload. */
    private String created(long length) {
        HttpResponse<String> answer = create("Upload-Length", Long.toString(length));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return header(answer, "Location");
    }

    private HttpResponse<String> patch(String upload, byte[] bytes, String... headers) {
        return gateway.send(
                tus(upload)
                        .header("Content-Type", PART)
                        .headers(headers)
                        .method("PATCH", BodyPublishers.ofByteArray(bytes)));
    }

    private String patchHead(String upload, long offset, long length) {
        return "PATCH "
                + upload
                + " HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\nAuthorization: Bearer "
                + ann.token
                + "\r\nContent-Type: "
                + PART
                + "\r\nUpload-Offset: "
                + offset
                + "\r\n"
                + (length < 0 ? "Transfer-Encoding: chunked" : "Content-Length: " + length)
                + "\r\n";
    }

    private HttpResponse<String> head(String upload) {
        return gateway.send(tus(upload).method("HEAD", BodyPublishers.noBody()));
    }

    private HttpResponse<String> delete(String upload) {
        return gateway.send(tus(upload).DELETE());
    }

    private long offset(String upload) {
        HttpResponse<String> answer = head(upload);
        assertThat(answer.statusCode()).isEqualTo(200);
        return Long.parseLong(header(answer, "Upload-Offset"));
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers()
                .firstValue(name)
                .orElseThrow(() ->
                        new AssertionError(answer + " has no " + name + ": " + answer.body()));
    }

    private static void assertProblemOfHead(HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().map()).doesNotContainKey("upload-offset");
    }

    // ---- what lies behind

    private static String idOf(String upload) {
        return upload.substring("/files/".length());
    }

    private static String jobOf(String upload) {
        return "/jobs/" + idOf(upload);
    }

    private String status(String upload) {
        return json(ann.get(jobOf(upload))).get("status").asString();
    }

    private void set(String upload, String field, Object value) {
        gateway.bean(MongoTemplate.class)
                .getCollection("jobs")
                .updateOne(
                        new Document("_id", new ObjectId(idOf(upload))),
                        new Document("$set", new Document(field, value)));
    }

    /** Waits until so many bytes have arrived, as the heartbeats tell. */
    private void awaitReceived(String upload, long bytes) {
        await().atMost(Duration.ofSeconds(10))
                .until(() -> json(ann.get(jobOf(upload))).get("received_bytes").asLong() >= bytes);
    }

    private void assertStored(String upload, byte[] video) {
        assertThat(status(upload)).isEqualTo("queued");
        try (InputStream stored =
                gateway.bean(MediaStore.class).open(Bucket.VIDEOS, idOf(upload), 0)) {
            assertThat(stored).hasBinaryContent(video);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String metadata(Map<String, String> values) {
        return String.join(
                ",",
                values.entrySet().stream()
                        .map(value ->
                                value.getKey()
                                        + " "
                                        + Base64.getEncoder()
                                                .encodeToString(value.getValue().getBytes(UTF_8)))
                        .toList());
    }

    private static String checksum(String name, String algorithm, byte[] bytes) throws Exception {
        byte[] digest = MessageDigest.getInstance(algorithm).digest(bytes);
        return name + " " + Base64.getEncoder().encodeToString(digest);
    }
}
