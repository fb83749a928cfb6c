package dev.tomp3.jobs.queue;

import dev.tomp3.platform.Dependency;
import dev.tomp3.platform.InvalidConfiguration;
import java.time.Duration;
import org.springframework.amqp.core.AmqpAdmin;
import org.springframework.amqp.core.Declarables;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.amqp.autoconfigure.RabbitTemplateCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The queues and the publisher, for every service that publishes or listens. */
@Configuration(proxyBeanMethods = false)
public class QueueConfiguration {
    /** How long a broker that does not answer may delay the end of a service. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

    /**
     * Retrying a declaration is useless: RabbitMQ refuses it again, and the callers that wait for
     * an unreachable broker retry by themselves.
     */
    @Bean
    static BeanPostProcessor connectionSettings() {
        return new BeanPostProcessor() {
            @Override
            public Object postProcessBeforeInitialization(Object bean, String name) {
                if (bean instanceof RabbitAdmin admin) admin.setRetryTemplate(null);
                if (bean instanceof CachingConnectionFactory connections)
                    connections.setCloseTimeout(Math.toIntExact(CLOSE_TIMEOUT.toMillis()));
                return bean;
            }
        };
    }

    /**
     * While RabbitMQ lacks memory or disk, it reads nothing from a connection that has published,
     * neither acknowledgements nor questions. Only messages that are published wait then.
     */
    @Bean
    static RabbitTemplateCustomizer publishOverOwnConnection() {
        return template -> template.setUsePublisherConnection(true);
    }

    @Bean
    Queues queues(
            @Value("${tomp3.queues.video}") String video,
            @Value("${tomp3.queues.mp3}") String mp3) {
        return new Queues(video, mp3);
    }

    @Bean
    Declarables topology(Queues queues) {
        return Topology.declarables(queues);
    }

    @Bean
    Dependency rabbitMqDependency(
            AmqpAdmin admin,
            Queues queues,
            @Value("${spring.rabbitmq.virtual-host:/}") String virtualHost,
            @Value("${spring.rabbitmq.username}") String user) {
        if (user.isBlank()) throw new InvalidConfiguration("RABBITMQ_USER is not set");
        return new Topology(admin, queues, virtualHost, user);
    }

    @Bean
    Publisher publisher(RabbitTemplate rabbit, AmqpAdmin admin, Queues queues) {
        return new Publisher(rabbit, admin, queues);
    }
}
