package dev.tomp3.converter;

import dev.tomp3.converter.conversion.Conversion;
import dev.tomp3.converter.ffmpeg.Ffmpeg;
import dev.tomp3.converter.ffmpeg.Sandbox;
import dev.tomp3.converter.ffmpeg.WorkDirectory;
import dev.tomp3.converter.mp3.EncoderPermits;
import dev.tomp3.jobs.Attempts;
import dev.tomp3.jobs.ClaimQueue;
import dev.tomp3.jobs.ConversionConfiguration;
import dev.tomp3.jobs.JobConfiguration;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.SweepConfiguration;
import dev.tomp3.jobs.media.MediaConfiguration;
import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStoreDependency;
import dev.tomp3.jobs.queue.Publisher;
import dev.tomp3.jobs.queue.QueueConfiguration;
import dev.tomp3.platform.HttpConfiguration;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import org.springframework.amqp.rabbit.config.ContainerCustomizer;
import org.springframework.amqp.rabbit.listener.RabbitListenerEndpointRegistry;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

@SpringBootApplication
@ConfigurationPropertiesScan
@Import({
    HttpConfiguration.class,
    ConversionConfiguration.class,
    JobConfiguration.class,
    MediaConfiguration.class,
    QueueConfiguration.class,
    SweepConfiguration.class
})
public class ConverterService {
    private static final Duration RECONNECT = Duration.ofSeconds(2);

    public static void main(String[] args) {
        SpringApplication.run(ConverterService.class, args);
    }

    @Bean
    WorkDirectory workDirectory(ConverterProperties properties) throws IOException {
        return WorkDirectory.open(properties.workDir());
    }

    @Bean
    Sandbox sandbox(ConverterProperties properties) throws IOException, InterruptedException {
        return Sandbox.find(properties.sandbox());
    }

    /** Details: which of the sandbox's layers this machine offers. */
    @Bean
    HealthIndicator sandboxHealthIndicator(Sandbox sandbox) {
        return () -> Health.up().withDetail("layers", sandbox.layers()).build();
    }

    @Bean
    OutputRoom outputRoom(
            Jobs jobs, Attempts attempts, MediaStoreDependency store, OutputLimits limits) {
        return new OutputRoom(jobs, attempts, store, limits);
    }

    @Bean
    JobConverter jobConverter(
            Jobs jobs,
            MediaStore media,
            OutputRoom room,
            WorkDirectory work,
            Sandbox sandbox,
            ConverterProperties properties)
            throws IOException, InterruptedException {
        Ffmpeg ffmpeg =
                Ffmpeg.find(
                        properties.ffmpeg(),
                        work.root(),
                        properties.ffmpegMemory().toBytes(),
                        sandbox,
                        properties.mayUseOldFfmpeg());
        Conversion conversion =
                new Conversion(
                        ffmpeg, new EncoderPermits(properties.encoders()), properties.limits());
        return new JobConverter(jobs, media, conversion, room, work);
    }

    @Bean
    @ConditionalOnMissingBean
    WorkerTiming workerTiming() {
        return WorkerTiming.PRODUCTION;
    }

    @Bean
    Worker worker(
            Jobs jobs,
            ClaimQueue queue,
            Attempts attempts,
            Publisher publisher,
            JobConverter converter,
            ConverterProperties properties,
            WorkerTiming timing,
            MeterRegistry registry) {
        ConverterMetrics metrics = new ConverterMetrics(registry);
        Settlement settlement =
                new Settlement(jobs, attempts, publisher, converter, metrics, timing.heartbeat());
        Worker worker =
                new Worker(
                        queue,
                        attempts,
                        publisher,
                        converter,
                        settlement,
                        timing,
                        System::nanoTime);
        metrics.showWorkers(properties.workers(), worker::running);
        return worker;
    }

    @Bean
    VideoListener videoListener(
            RabbitListenerEndpointRegistry containers,
            Worker worker,
            Publisher publisher,
            ConverterProperties properties) {
        return new VideoListener(containers, worker, publisher, properties.shutdownGrace());
    }

    /** The settings of the listener that have no property in application.yml. */
    @Bean
    static ContainerCustomizer<SimpleMessageListenerContainer> listenerSettings(
            ConverterProperties properties) {
        return container -> {
            container.setConcurrentConsumers(properties.workers());
            container.setShutdownTimeout(properties.shutdownGrace().toMillis());
            container.setRecoveryInterval(RECONNECT.toMillis());
            container.setFailedDeclarationRetryInterval(RECONNECT.toMillis());
            container.setErrorHandler(VideoListener::logFailure);
            // a connection that breaks during the login looks like a wrong password
            container.setPossibleAuthenticationFailureFatal(false);
        };
    }
}
