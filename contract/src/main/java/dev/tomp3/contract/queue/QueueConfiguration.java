package dev.tomp3.contract.queue;

import dev.tomp3.contract.http.FirstContact;
import dev.tomp3.contract.http.StartRefused;
import org.springframework.amqp.core.AmqpAdmin;
import org.springframework.amqp.core.Declarables;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** For every service that sends or receives. */
@Configuration(proxyBeanMethods = false)
public class QueueConfiguration {
    @Bean
    static BeanFactoryPostProcessor rabbitMqNamedFirst(Environment environment) {
        return beans -> {
            StartRefused.require(environment, "spring.rabbitmq.username", "RABBITMQ_USER");
            StartRefused.require(environment, "spring.rabbitmq.password", "RABBITMQ_PASSWORD");
        };
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
    FirstContact firstContactWithRabbitMq(
            AmqpAdmin admin,
            Queues queues,
            @Value("${spring.rabbitmq.virtual-host:/}") String virtualHost) {
        return new Topology(admin, queues, virtualHost);
    }

    @Bean
    Publisher publisher(RabbitTemplate rabbit, AmqpAdmin admin, Queues queues) {
        return new Publisher(rabbit, admin, queues);
    }
}
