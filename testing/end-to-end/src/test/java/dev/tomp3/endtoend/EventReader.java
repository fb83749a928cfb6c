package dev.tomp3.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads an event stream as {@code EventSource} does. */
final class EventReader implements AutoCloseable {
    private final BufferedReader lines;
    private final List<String> names = new ArrayList<>();
    private @Nullable String last;

    private EventReader(InputStream stream, @Nullable String last) {
        this.lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
        this.last = last;
    }

    /**
     * @param last the id of the last event that was read before
     */
    static EventReader open(User user, @Nullable String last) {
        HttpRequest.Builder request = user.request("/events");
        if (last != null) request.header("Last-Event-ID", last);
        HttpResponse<InputStream> answer =
                User.send(request, HttpResponse.BodyHandlers.ofInputStream());
        assertThat(answer.statusCode()).isEqualTo(200);
        return new EventReader(answer.body(), last);
    }

    /** The id of the last event. */
    String last() {
        return Objects.requireNonNull(last);
    }

    /** Of all events so far. */
    List<String> names() {
        return names;
    }

    /** Reads until a job has this status. */
    void await(String job, String status) {
        JsonNode data;
        do data = next();
        while (!data.path("id").asString("").equals(job)
                || !data.path("status").asString("").equals(status));
    }

    void awaitEnd() {
        try {
            while (lines.readLine() != null) {}
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonNode next() {
        try {
            String data = null;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("id: ")) last = line.substring(4);
                if (line.startsWith("event: ")) names.add(line.substring(7));
                if (line.startsWith("data: ")) data = line.substring(6);
                if (line.isEmpty() && data != null) return User.JSON.readTree(data);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new AssertionError("The stream has ended");
    }

    @Override
    public void close() {
        try {
            lines.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
