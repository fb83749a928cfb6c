package dev.tomp3.jobs.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tomp3.jobs.queue.Event.ConversionFailed;
import dev.tomp3.jobs.queue.Event.Mp3Ready;
import dev.tomp3.jobs.queue.Event.VideoUploaded;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.amqp.AmqpRejectAndDontRequeueException;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.core.MessageDeliveryMode;

class EventTest {
    private static final String JOB = "652f1b2c3d4e5f6071829304";

    @Test
    void has_the_documented_form() {
        assertThat(json(new VideoUploaded(JOB)))
                .isEqualTo("{\"type\":\"VideoUploaded\",\"job\":\"" + JOB + "\"}");
        assertThat(json(new Mp3Ready(JOB, "ada")))
                .isEqualTo("{\"type\":\"Mp3Ready\",\"job\":\"" + JOB + "\",\"owner\":\"ada\"}");
        assertThat(json(new ConversionFailed(JOB, "ada")))
                .isEqualTo(
                        "{\"type\":\"ConversionFailed\",\"job\":\""
                                + JOB
                                + "\",\"owner\":\"ada\"}");
    }

    @Test
    void is_read_as_it_was_written_and_is_persistent() {
        for (Event event :
                new Event[] {
                    new VideoUploaded(JOB), new Mp3Ready(JOB, "ada"), new ConversionFailed(JOB, "x")
                }) {
            Message message = event.toMessage();
            assertThat(Event.read(message, Event.class)).isEqualTo(event);
            assertThat(message.getMessageProperties().getDeliveryMode())
                    .isEqualTo(MessageDeliveryMode.PERSISTENT);
        }
    }

    @Test
    void may_have_unknown_fields() {
        assertThat(
                        Event.read(
                                message(
                                        "{\"new\":{},\"job\":\""
                                                + JOB
                                                + "\",\"type\":\"VideoUploaded\"}"),
                                VideoUploaded.class))
                .isEqualTo(new VideoUploaded(JOB));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "rubbish",
                "null",
                "[]",
                "{}",
                "\"VideoUploaded\"",
                "{\"type\":\"VideoUploaded\"}",
                "{\"type\":\"VideoUploaded\",\"job\":null}",
                "{\"type\":\"VideoUploaded\",\"job\":\"\"}",
                "{\"type\":\"VideoUploaded\",\"job\":{}}",
                "{\"type\":\"VideoUploaded\",\"job\":\"652f1b2c3d4e5f607182930\"}",
                "{\"type\":\"VideoUploaded\",\"job\":\"652F1B2C3D4E5F6071829304\"}",
                "{\"type\":\"VideoUploaded\",\"job\":\"652f1b2c3d4e5f6071829304\\n\"}",
                "{\"type\":\"Unheard\",\"job\":\"652f1b2c3d4e5f6071829304\"}",
                "{\"type\":\"Mp3Ready\",\"job\":\"652f1b2c3d4e5f6071829304\",\"owner\":\"ada\"}",
                "{\"job\":\"652f1b2c3d4e5f6071829304\"}",
                "{\"type\":\"VideoUploaded\",\"job\":\"652f1b2c3d4e5f6071829304\""
            })
    void that_is_malformed_is_rejected_for_good(String body) {
        assertThatThrownBy(() -> Event.read(message(body), VideoUploaded.class))
                .isInstanceOf(AmqpRejectAndDontRequeueException.class);
    }

    @Test
    void of_bytes_that_are_no_text_is_rejected_for_good() {
        Message message = MessageBuilder.withBody(new byte[] {-1, -2, 0, 1}).build();
        assertThatThrownBy(() -> Event.read(message, Event.class))
                .isInstanceOf(AmqpRejectAndDontRequeueException.class);
    }

    private static Message message(String body) {
        return MessageBuilder.withBody(body.getBytes(StandardCharsets.UTF_8)).build();
    }

    private static String json(Event event) {
        return new String(event.toMessage().getBody(), StandardCharsets.UTF_8);
    }
}
