package dev.tomp3.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;

import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.JobChanges.Change;
import dev.tomp3.platform.OpenResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A client that does not read: its stream waits for it, and nothing else does. */
class EventStreamTest {
    private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");

    private final JobViews views = mock(JobViews.class);
    private final OpenResponse response = mock(OpenResponse.class);
    private final CountDownLatch blocked = new CountDownLatch(1);
    private final CountDownLatch reads = new CountDownLatch(1);
    private final BlockingQueue<String> written = new LinkedBlockingQueue<>();
    private final EventStream stream = new EventStream("ann", null, new Jobs());

    /** The client takes the beginning, and then nothing until the latch is released. */
    @BeforeEach
    void slow() throws Exception {
        doAnswer(
                        call -> {
                            if (written.size() == 2) {
                                blocked.countDown();
                                reads.await();
                            }
                            byte[] bytes = call.getArgument(0);
                            return written.add(new String(bytes, StandardCharsets.UTF_8));
                        })
                .when(response)
                .write(any());
        stream.attach(response);
        stream.opened();
        await().until(() -> written.size() == 2);
        stream.changed(change("first", 0));
        blocked.await();
    }

    @Test
    void many_changes_of_a_job_become_one_event() {
        for (int i = 1; i <= 100_000; i++) stream.changed(change("job", i));

        reads.countDown();

        await().until(() -> written.size() == 4);
        stream.comment();
        await().until(() -> written.contains(":\n\n"));
        assertThat(written)
                .containsExactly("retry: 3000\n\n", list(), "first 0", "job 100000", ":\n\n");
    }

    @Test
    void changes_of_many_jobs_become_a_list() {
        for (int i = 1; i <= 100_000; i++) stream.changed(change("job" + i, i));

        reads.countDown();

        await().atMost(Duration.ofSeconds(10)).until(() -> written.size() == 4);
        stream.comment();
        await().until(() -> written.contains(":\n\n"));
        assertThat(written).containsExactly("retry: 3000\n\n", list(), "first 0", list(), ":\n\n");
    }

    private JobEvent change(String id, int millis) {
        return new JobEvent(new Change(id, "ann", null, NOW.plusMillis(millis)), views);
    }

    private static String list() {
        return new String(JobEvent.frame(NOW, "snapshot", "[]"), StandardCharsets.UTF_8);
    }

    private static final class Jobs implements EventStream.Source {
        @Override
        public Instant now() {
            return NOW;
        }

        @Override
        public List<JobEvent> since(Instant from, String owner) {
            return List.of();
        }

        @Override
        public List<Job> newest(String owner) {
            return List.of();
        }

        @Override
        public String list(List<Job> page) {
            return "[]";
        }

        @Override
        public byte[] frame(JobEvent event) {
            long millis = Duration.between(NOW, event.at()).toMillis();
            return (event.id() + " " + millis).getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public void closed(EventStream stream) {}
    }
}
