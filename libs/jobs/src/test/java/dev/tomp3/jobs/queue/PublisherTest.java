package dev.tomp3.jobs.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.amqp.AmqpException;

@Tag("back-end")
class PublisherTest {
    /** The sweeper would publish as many messages again as there are already. */
    @Test
    void a_broker_that_does_not_tell_how_many_messages_wait_is_not_taken_for_empty()
            throws Exception {
        Broker broker = new Broker();
        Publisher other =
                new Publisher(broker.rabbit, broker.admin, new Queues("missing", "missing, too"));
        try {
            assertThatThrownBy(other::waitingVideos).isInstanceOf(AmqpException.class);
            assertThat(broker.publisher.waitingVideos()).isZero();
        } finally {
            other.destroy();
            broker.stop();
        }
    }
}
