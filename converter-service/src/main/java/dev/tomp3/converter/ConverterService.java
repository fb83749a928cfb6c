package dev.tomp3.converter;

import dev.tomp3.converter.conversion.Conversion;
import dev.tomp3.converter.ffmpeg.Ffmpeg;
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
import dev.tomp3.jobs.queue.Publisher;
import dev.tomp3.jobs.queue.QueueConfiguration;
import dev.tomp3.jobs.queue.Queues;
import dev.tomp3.platform.HttpConfiguration;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.ApplicationContext;
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
    public static void main(String[] args) {
        SpringApplication.run(ConverterService.class, args);
    }

    @Bean
    WorkDirectory workDirectory(ConverterProperties properties) throws IOException {
        return WorkDirectory.open(properties.workDir());
    }

    @Bean
    Conversion conversion(ConverterProperties properties, WorkDirectory work)
            throws IOException, InterruptedException {
        Ffmpeg ffmpeg =
                Ffmpeg.find(properties.ffmpeg(), work.root(), properties.ffmpegMemory().toBytes());
        return new Conversion(
                ffmpeg, new EncoderPermits(properties.encoders()), properties.limits());
    }

    @Bean
    Worker worker(
            Jobs jobs,
            ClaimQueue queue,
            Attempts held,
            MediaStore media,
            Publisher publisher,
            Conversion conversion,
            WorkDirectory work,
            ConverterProperties properties,
            MeterRegistry registry) {
        return new Worker(
                jobs,
                queue,
                held,
                media,
                publisher,
                conversion,
                work,
                properties.workers(),
                registry);
    }

    @Bean
    VideoListener videoListener(
            ConnectionFactory connections,
            ApplicationContext declarations,
            Queues queues,
            Worker worker,
            Publisher publisher,
            ConverterProperties properties) {
        return new VideoListener(
                connections,
                declarations,
                queues,
                worker,
                publisher,
                properties.workers(),
                properties.shutdownGrace());
    }
}
