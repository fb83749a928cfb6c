package dev.tomp3.notification;

import dev.tomp3.jobs.JobConfiguration;
import dev.tomp3.jobs.LinkConfiguration;
import dev.tomp3.jobs.NotificationConfiguration;
import dev.tomp3.jobs.queue.QueueConfiguration;
import dev.tomp3.platform.HttpConfiguration;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import org.apache.hc.core5.ssl.SSLContexts;
import org.springframework.amqp.rabbit.config.ContainerCustomizer;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

@SpringBootApplication
@EnableConfigurationProperties({MailProperties.class, WebhookProperties.class})
@Import({
    HttpConfiguration.class,
    JobConfiguration.class,
    LinkConfiguration.class,
    NotificationConfiguration.class,
    QueueConfiguration.class,
    Mailer.class,
    Notifier.class,
    WebhookDispatcher.class,
    WebhookNotices.class
})
public class NotificationService {
    private static final Duration RECONNECT = Duration.ofSeconds(2);

    public static void main(String[] args) {
        SpringApplication.run(NotificationService.class, args);
    }

    /** The settings of the listener that have no property in application.yml. */
    @Bean
    static ContainerCustomizer<SimpleMessageListenerContainer> listenerSettings() {
        return container -> {
            container.setRecoveryInterval(RECONNECT.toMillis());
            container.setFailedDeclarationRetryInterval(RECONNECT.toMillis());
            container.setErrorHandler(Notifier::logFailure);
            // a connection that breaks during the login looks like a wrong password
            container.setPossibleAuthenticationFailureFatal(false);
        };
    }

    @Bean
    static WebhookSender webhookSender(WebhookProperties properties, Clock clock) {
        return new WebhookSender(
                new EgressGuard(properties.allow(), InetAddress::getAllByName),
                SSLContexts.createSystemDefault(),
                clock,
                WebhookSender.TIME_LIMIT,
                WebhookDispatcher.SLOTS);
    }

    @Bean
    static WebhookSchedule webhookSchedule() {
        return new WebhookSchedule(new SecureRandom());
    }
}
