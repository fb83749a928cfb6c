package dev.tomp3.jobs.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tomp3.jobs.queue.Event.VideoUploaded;
import dev.tomp3.servers.RabbitMq;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;

/** The broker process ends and is started again on the same disk. */
@Tag("back-end")
@Tag("containers")
class RabbitMqRestartTest {
    private static final int MANY = 200;

    private final RabbitMq server = RabbitMq.alone();
    private final Broker broker = new Broker(server);

    @AfterEach
    void stop() throws InterruptedException {
        broker.stop();
    }

    @Test
    void an_alarm_delays_published_messages_and_nothing_else() {
        for (int i = 0; i < 3; i++)
            broker.publisher.publish(new VideoUploaded("%024x".formatted(i)));
        await().untilAsserted(() -> assertThat(broker.count("video")).isEqualTo(3));
        server.alarm(true);
        String during = "d".repeat(24);
        broker.publisher.publish(new VideoUploaded(during));
        Set<String> received = ConcurrentHashMap.newKeySet();
        SimpleMessageListenerContainer listener =
                new SimpleMessageListenerContainer(broker.connections);
        listener.setQueueNames("video");
        listener.setPrefetchCount(1);
        listener.setMessageListener(
                message -> received.add(Event.read(message, Event.class).job()));
        listener.start();
        try {
            // each acknowledgement is read, or no second message would come
            await().until(() -> received.size() == 3);
            assertThat(broker.publisher.waitingVideos()).isZero();
            assertThat(received).doesNotContain(during);
            server.alarm(false);
            await().until(() -> received.contains(during));
        } finally {
            listener.stop();
        }
    }

    @Test
    void confirmed_messages_are_kept_and_listeners_reconnect_within_ten_seconds() {
        Set<String> sent =
                IntStream.range(0, MANY).mapToObj("%024x"::formatted).collect(Collectors.toSet());
        sent.forEach(job -> broker.publisher.publish(new VideoUploaded(job)));
        await().untilAsserted(() -> assertThat(broker.count("video")).isEqualTo(MANY));
        Set<String> received = ConcurrentHashMap.newKeySet();
        SimpleMessageListenerContainer listener =
                new SimpleMessageListenerContainer(broker.connections);
        listener.setQueueNames("mp3", "video");
        listener.setPrefetchCount(1);
        listener.setMissingQueuesFatal(false);
        listener.setRecoveryInterval(2000);
        listener.setFailedDeclarationRetryInterval(2000);
        listener.setMessageListener(
                message -> received.add(Event.read(message, Event.class).job()));

        server.restart();
        listener.start();
        await().atMost(Duration.ofSeconds(20)).until(() -> received.equals(sent));
        try {
            server.restart();
            long up = System.nanoTime();
            String last = "f".repeat(24);
            await().atMost(Duration.ofSeconds(20))
                    .pollInterval(Duration.ofMillis(500))
                    .untilAsserted(() -> {
                        broker.publisher.publish(new VideoUploaded(last));
                        assertThat(received).contains(last);
                    });
            assertThat(Duration.ofNanos(System.nanoTime() - up)).isLessThan(Duration.ofSeconds(10));
        } finally {
            listener.stop();
        }
    }
}
