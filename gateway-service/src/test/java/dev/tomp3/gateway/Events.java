package dev.tomp3.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/** A client of an event stream that keeps what it reads. */
final class Events implements AutoCloseable {
    /**
     * @param name empty for a block without an event, and "end" for the end of the stream
     */
    record Event(String id, String name, String data) {
        JsonNode json() {
            return Gateway.json(data);
        }

        boolean isJob(String job, String status) {
            return name.equals("job")
                    && json().get("id").asString().equals(job)
                    && json().get("status").asString().equals(status);
        }
    }

    final HttpResponse<InputStream> answer;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final List<Event> seen = new ArrayList<>();

    Events(Gateway gateway, HttpRequest.Builder request, String... headers) {
        if (headers.length > 0) request.headers(headers);
        answer = gateway.send(request, HttpResponse.BodyHandlers.ofInputStream());
        assertThat(answer.statusCode()).isEqualTo(200);
        Thread.ofVirtual().start(this::read);
    }

    private void read() {
        String id = "";
        String name = "";
        String data = "";
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("id: ")) id = line.substring(4);
                else if (line.startsWith("event: ")) name = line.substring(7);
                else if (line.isEmpty()) {
                    events.add(new Event(id, name, data));
                    name = "";
                    data = "";
                } else data += line.startsWith("data: ") ? line.substring(6) : line;
            }
        } catch (IOException e) {
            data = e.toString();
        }
        events.add(new Event(id, "end", data));
    }

    /** All so far. */
    List<Event> all() {
        return List.copyOf(seen);
    }

    /** The next one. */
    Event next() {
        return next(_ -> true);
    }

    /** The next one that is wanted; the others before it are forgotten. */
    Event next(Predicate<Event> wanted) {
        try {
            while (true) {
                Event event = events.poll(20, TimeUnit.SECONDS);
                assertThat(event).as("the next event").isNotNull();
                seen.add(event);
                if (wanted.test(event)) return event;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        try {
            answer.body().close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
