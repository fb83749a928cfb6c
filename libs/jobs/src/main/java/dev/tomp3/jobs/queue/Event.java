package dev.tomp3.jobs.queue;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.regex.Pattern;
import org.springframework.amqp.AmqpRejectAndDontRequeueException;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.core.MessageDeliveryMode;
import org.springframework.amqp.core.MessageProperties;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What happened to a job. A message is only a signal to read the job, whose document is the truth.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Event.VideoUploaded.class, name = "VideoUploaded"),
    @JsonSubTypes.Type(value = Event.Mp3Ready.class, name = "Mp3Ready"),
    @JsonSubTypes.Type(value = Event.ConversionFailed.class, name = "ConversionFailed")
})
public sealed interface Event {
    JsonMapper JSON =
            JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
    Pattern JOB = Pattern.compile("[0-9a-f]{24}");

    String job();

    /** A video waits for a worker; sent to the queue {@code video}. */
    record VideoUploaded(String job) implements Event {}

    /** An MP3 can be downloaded; sent to the queue {@code mp3}. */
    record Mp3Ready(String job, String owner) implements Event {}

    /** There will be no MP3; sent to the queue {@code mp3}. */
    record ConversionFailed(String job, String owner) implements Event {}

    default Message toMessage() {
        return MessageBuilder.withBody(JSON.writeValueAsBytes(this))
                .setContentType(MessageProperties.CONTENT_TYPE_JSON)
                .setDeliveryMode(MessageDeliveryMode.PERSISTENT)
                .build();
    }

    /**
     * Reads a message.
     *
     * @throws AmqpRejectAndDontRequeueException when it is no event of this type, which sends it to
     *     the dead-letter queue
     */
    static <E extends Event> E read(Message message, Class<E> type) {
        try {
            Event event = JSON.readValue(message.getBody(), Event.class);
            if (type.isInstance(event)
                    && event.job() != null
                    && JOB.matcher(event.job()).matches()) {
                return type.cast(event);
            }
        } catch (JacksonException e) {
            throw new AmqpRejectAndDontRequeueException("Not an event of this queue", e);
        }
        throw new AmqpRejectAndDontRequeueException("Not an event of this queue");
    }
}
