package dev.tomp3.gateway;

import static dev.tomp3.gateway.Gateway.assertProblem;
import static dev.tomp3.gateway.Gateway.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tomp3.gateway.Events.Event;
import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.IncomingUploads;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Options;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code GET /events}, and {@code Prefer: wait}. */
class EventIT {
    private Gateway gateway;
    private Gateway.Someone ann;

    @BeforeEach
    void ann() throws IOException {
        gateway = Gateway.onFiles();
        ann = gateway.someone();
    }

    private Events events(String... headers) {
        return new Events(gateway, ann.request("/events"), headers);
    }

    @Nested
    class A_stream {
        @Test
        void begins_with_the_list_and_tells_every_change() {
            String before = ann.uploaded();
            try (Events events = events()) {
                assertThat(events.answer.headers().firstValue("Content-Type"))
                        .contains("text/event-stream");
                assertThat(events.answer.headers().firstValue("X-Accel-Buffering")).contains("no");
                assertThat(events.answer.headers().firstValue("Cache-Control"))
                        .contains("no-store");
                assertThat(events.answer.headers().firstValue("X-Content-Type-Options"))
                        .contains("nosniff");
                assertThat(events.next().data()).isEqualTo("retry: 3000");
                Event snapshot = events.next();
                assertThat(snapshot.name()).isEqualTo("snapshot");
                assertThat(snapshot.data()).isEqualTo(ann.get("/jobs?limit=100").body());
                String others = gateway.someone().uploaded();
                String id = ann.uploaded();
                events.next(event -> event.isJob(id, "queued"));
                Job job = gateway.claim(id);
                gateway.attempts().heartbeat(job, 42);
                events.next(event ->
                        event.isJob(id, "converting")
                                && event.json().get("progress").asInt() == 42);
                gateway.attempts().fail(job, new Failure(Failure.Code.CORRUPT));
                Event failed = events.next();
                assertThat(failed.isJob(id, "failed")).isTrue();
                assertThat(failed.json()).isEqualTo(json(ann.get("/jobs/" + id)));
                assertThat(ann.delete("/jobs/" + before).statusCode()).isEqualTo(204);
                assertThat(events.next().isJob(before, "cancelled")).isTrue();
                assertThat(events.all()).noneMatch(event -> event.data().contains(others));
            }
        }

        @Test
        void tells_that_an_upload_is_gone() {
            IncomingUploads uploads = gateway.bean(IncomingUploads.class);
            try (Events events = events()) {
                events.next(event -> event.name().equals("snapshot"));
                Job job =
                        uploads.begin(
                                new Job.Owner(ann.user.id(), ann.user.email(), true),
                                "a.mp4",
                                Options.NONE,
                                100);
                assertThat(events.next().isJob(job.id(), "uploading")).isTrue();
                uploads.discard(job.id());
                Event deleted = events.next();
                assertThat(deleted.name()).isEqualTo("deleted");
                assertThat(deleted.data()).isEqualTo("{\"id\":\"" + job.id() + "\"}");
            }
        }

        @Test
        void goes_on_after_the_last_event() {
            String first = ann.uploaded();
            String second = ann.uploaded();
            String last;
            try (Events events = events()) {
                events.next(event -> event.name().equals("snapshot"));
                gateway.claim(first);
                last = events.next(event -> event.isJob(first, "converting")).id();
            }
            gateway.attempts()
                    .fail(
                            gateway.jobs().find(first).orElseThrow(),
                            new Failure(Failure.Code.CORRUPT));
            try (Events events = events("Last-Event-ID", last)) {
                assertThat(events.next().data()).isEqualTo("retry: 3000");
                List<Event> missed = List.of(events.next(), events.next());
                assertThat(missed)
                        .anyMatch(event -> event.isJob(first, "failed"))
                        .anyMatch(event -> event.isJob(second, "queued"));
                gateway.claim(second);
                assertThat(events.next().isJob(second, "converting")).isTrue();
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"1", "999999999999999", "1.5", "x"})
        void begins_anew_after_an_event_that_is_unknown_or_too_old(String last) {
            try (Events events = events("Last-Event-ID", last)) {
                events.next();
                assertThat(events.next().name()).isEqualTo("snapshot");
            }
        }

        @Test
        void is_the_users_twentieth_at_most() {
            List<Events> open = new ArrayList<>();
            for (int i = 0; i < 20; i++) open.add(events());
            assertThat(status()).isEqualTo(429);
            assertProblem(ann.get("/events"), 429, "too-many-streams");
            open.removeFirst().close();
            // the gateway notices it without writing anything
            await().until(() -> status() == 200);
            open.forEach(Events::close);
        }

        private int status() {
            return gateway.send(ann.request("/events"), HttpResponse.BodyHandlers.ofInputStream())
                    .statusCode();
        }

        @Test
        void ends_when_its_token_is_revoked_and_has_a_comment_otherwise() {
            Gateway.Someone bob = gateway.someone();
            try (Events anns = events();
                    Events bobs = new Events(gateway, bob.request("/events"))) {
                anns.next(event -> event.name().equals("snapshot"));
                bobs.next(event -> event.name().equals("snapshot"));
                gateway.auth.disable(bob.user);
                gateway.pass(Duration.ofSeconds(15));
                assertThat(bobs.next().name()).isEqualTo("end");
                assertThat(anns.next().data()).isEqualTo(":");
            }
        }

        @Test
        void needs_a_key_that_may_read_jobs_or_a_session() {
            String reader = gateway.auth.key(ann.user, "jobs:read");
            String writer = gateway.auth.key(ann.user, "jobs:write", "download");
            try (Events events = events("Authorization", "Bearer " + reader)) {
                assertThat(events.next().data()).isEqualTo("retry: 3000");
            }
            assertProblem(
                    gateway.send(
                            gateway.request("/events").header("Authorization", "Bearer " + writer)),
                    403,
                    "insufficient-scope");
            assertProblem(gateway.send(gateway.request("/events")), 401, "unauthenticated");
            try (Events events =
                    new Events(
                            gateway,
                            gateway.request("/events"),
                            "Cookie",
                            "tomp3_session=" + ann.token)) {
                assertThat(events.next().data()).isEqualTo("retry: 3000");
            }
        }

        @Test
        void has_no_body_for_head() {
            HttpResponse<String> head =
                    gateway.send(
                            ann.request("/events")
                                    .method("HEAD", HttpRequest.BodyPublishers.noBody()));
            assertThat(head.statusCode()).isEqualTo(200);
            assertThat(head.body()).isEmpty();
        }
    }

    @Nested
    class Waiting {
        private CompletableFuture<HttpResponse<String>> upload(String... headers) {
            return CompletableFuture.supplyAsync(
                    () -> ann.upload(new Form().file("song.mp4", Form.video(5000)), headers));
        }

        private String queued() {
            return await().until(
                            () -> json(ann.get("/jobs")).get("items"),
                            items ->
                                    items.size() == 1
                                            && items.get(0)
                                                    .get("status")
                                                    .asString()
                                                    .equals("queued"))
                    .get(0)
                    .get("id")
                    .asString();
        }

        @Test
        void for_an_upload_leads_to_the_mp3() {
            CompletableFuture<HttpResponse<String>> answer = upload("Prefer", "wait=30");
            String id = queued();
            assertThat(answer).isNotDone();
            gateway.convert(id, new byte[100]);
            HttpResponse<String> done = answer.join();
            assertThat(done.statusCode()).isEqualTo(303);
            assertThat(done.headers().firstValue("Location")).contains("/download?fid=" + id);
            assertThat(done.headers().firstValue("Preference-Applied")).contains("wait=30");
            assertThat(done.headers().allValues("Vary")).contains("Prefer");
            assertThat(
                            Gateway.metric(
                                    gateway.send(gateway.request("/metrics")).body(),
                                    "http_requests_total{method=\"POST\",path=\"/upload\",status=\"303\"}"))
                    .isPositive();
        }

        @Test
        void for_an_upload_tells_why_it_failed() {
            CompletableFuture<HttpResponse<String>> answer = upload("Prefer", "wait=30");
            gateway.attempts()
                    .fail(gateway.claim(queued()), new Failure(Failure.Code.NO_AUDIO_TRACK));
            HttpResponse<String> failed = answer.join();
            assertThat(failed.statusCode()).isEqualTo(200);
            assertThat(json(failed).at("/failure/code").asString()).isEqualTo("no-audio-track");
        }

        @Test
        void ends_without_a_result_after_its_time() {
            HttpResponse<String> upload = upload("Prefer", "respond-async, wait=1").join();
            assertThat(upload.statusCode()).isEqualTo(202);
            assertThat(upload.headers().firstValue("Preference-Applied")).contains("wait=1");
            assertThat(json(upload).get("status").asString()).isEqualTo("queued");
        }

        @Test
        void for_a_job_tells_how_it_ended() {
            String id = ann.uploaded();
            HttpResponse<String> now = ann.get("/jobs/" + id);
            assertThat(now.headers().firstValue("Preference-Applied")).isEmpty();
            assertThat(now.headers().allValues("Vary")).contains("Prefer");
            HttpResponse<String> zero = ann.get("/jobs/" + id, "Prefer", "wait=0");
            assertThat(zero.headers().firstValue("Preference-Applied")).contains("wait=0");
            CompletableFuture<JsonNode> answer =
                    CompletableFuture.supplyAsync(
                            () -> json(ann.get("/jobs/" + id, "Prefer", "wait=30")));
            ann.delete("/jobs/" + id);
            assertThat(answer.join().get("status").asString()).isEqualTo("cancelled");
            HttpResponse<String> settled = ann.get("/jobs/" + id, "Prefer", "wait=1000");
            assertThat(settled.headers().firstValue("Preference-Applied")).contains("wait=300");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "wait=10 | 10",
                "WAIT = 10 | 10",
                "respond-async, wait=\"7\"; foo=bar | 7",
                "wait=5, wait=6 | 5",
                "wait=301 | 300",
                "wait=999999999 | 300",
                "wait=9999999999 |",
                "wait |",
                "wait=-1 |",
                "wait=1.5 |",
                "await=10 |",
                "return=minimal |"
            })
    void the_preference_is_read_as_rfc_7240_says(String header, Integer seconds) {
        assertThat(JobWaiting.preferred(List.of(header)))
                .isEqualTo(seconds == null ? OptionalInt.empty() : OptionalInt.of(seconds));
    }
}
