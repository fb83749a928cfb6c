package dev.tomp3.embedded;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.core.Declarable;
import org.springframework.amqp.core.DeclarableCustomizer;
import org.springframework.amqp.core.Queue;

/**
 * Translates the queue arguments of RabbitMQ for {@link EmbeddedBroker}, so that the services
 * declare the same topology on both brokers.
 *
 * <p>Rejected and expired messages go to the dead-letter exchange with their original routing key:
 * {@code x-dead-letter-routing-key} is not supported. Arguments without a counterpart are omitted;
 * they configure replication and limits that do not exist in a single process.
 */
public final class QpidDeclarables implements DeclarableCustomizer {
    @Override
    public Declarable apply(Declarable declarable) {
        if (!(declarable instanceof Queue queue)) {
            return declarable;
        }
        Queue translated =
                new Queue(
                        queue.getName(),
                        queue.isDurable(),
                        queue.isExclusive(),
                        queue.isAutoDelete(),
                        translate(queue));
        translated.setAdminsThatShouldDeclare(queue.getDeclaringAdmins().toArray());
        translated.setShouldDeclare(queue.shouldDeclare());
        translated.setIgnoreDeclarationExceptions(queue.isIgnoreDeclarationExceptions());
        return translated;
    }

    private static Map<String, @Nullable Object> translate(Queue queue) {
        Map<String, @Nullable Object> translated = new HashMap<>();
        queue.getArguments()
                .forEach((name, value) -> {
                    switch (name) {
                        case "x-dead-letter-exchange" -> {
                            translated.put("alternateExchange", value);
                            // without a limit, a rejected message is redelivered for ever;
                            // only rejections count, not lost consumers
                            translated.put("maximumDeliveryAttempts", 1);
                        }
                        case "x-message-ttl" -> {
                            translated.put("maximumMessageTtl", value);
                            translated.put("minimumMessageTtl", value);
                            translated.put("expiryPolicy", "ROUTE_TO_ALTERNATE");
                        }
                        default -> {
                            if (!name.startsWith("x-")) {
                                translated.put(name, value);
                            }
                        }
                    }
                });
        return translated;
    }
}
