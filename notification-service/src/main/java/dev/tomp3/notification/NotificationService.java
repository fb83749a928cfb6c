package dev.tomp3.notification;

import dev.tomp3.jobs.JobConfiguration;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.queue.Publisher;
import dev.tomp3.jobs.queue.QueueConfiguration;
import dev.tomp3.jobs.queue.Queues;
import dev.tomp3.platform.HttpConfiguration;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

@SpringBootApplication
@EnableConfigurationProperties(MailProperties.class)
@Import({HttpConfiguration.class, JobConfiguration.class, QueueConfiguration.class, Mail.class})
public class NotificationService {
    private static final int PREFETCH = 10;
    private static final Duration RECONNECT = Duration.ofSeconds(2);

    public static void main(String[] args) {
        SpringApplication.run(NotificationService.class, args);
    }

    @Bean
    Notifier notifier(Jobs jobs, Publisher publisher, Mail mail, MeterRegistry registry) {
        return new Notifier(jobs, publisher, mail, registry);
    }

    @Bean
    SimpleMessageListenerContainer mp3Listener(
            ConnectionFactory connections, Queues queues, Notifier notifier) {
        SimpleMessageListenerContainer container = new SimpleMessageListenerContainer(connections);
        container.setQueueNames(queues.mp3());
        container.setMessageListener(notifier);
        container.setPrefetchCount(PREFETCH);
        container.setRecoveryInterval(RECONNECT.toMillis());
        container.setFailedDeclarationRetryInterval(RECONNECT.toMillis());
        container.setErrorHandler(Notifier::note);
        // the queue may not be declared yet, or be away for a while
        container.setMissingQueuesFatal(false);
        // a connection that breaks while it logs in looks like a wrong password
        container.setPossibleAuthenticationFailureFatal(false);
        return container;
    }
}
