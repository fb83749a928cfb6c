package dev.tomp3.embedded;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.core.Declarable;
import org.springframework.amqp.core.DeclarableCustomizer;
import org.springframework.amqp.core.Queue;

/**
 * Translates the queue arguments of RabbitMQ for {@link EmbeddedBroker}, so that a service declares
 * one topology and does not know which broker it talks to.
 *
 * <p>A rejected message goes to the dead-letter exchange, and an expired one too, each under the
 * routing key it came with: {@code x-dead-letter-routing-key} is not known here. Arguments without
 * a counterpart are left out; they tune replication and limits that one process does not have.
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
                            // without a limit a rejected message comes back for ever; only
                            // rejections
                            // are held against it, a message whose consumer vanished comes back
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
