package dev.tomp3.gateway;

import dev.tomp3.jobs.JobConfiguration;
import dev.tomp3.jobs.LinkConfiguration;
import dev.tomp3.jobs.SweepConfiguration;
import dev.tomp3.jobs.UploadConfiguration;
import dev.tomp3.jobs.media.MediaConfiguration;
import dev.tomp3.jobs.queue.QueueConfiguration;
import dev.tomp3.platform.HttpConfiguration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.Import;

@SpringBootApplication
@ConfigurationPropertiesScan
@Import({
    HttpConfiguration.class,
    JobConfiguration.class,
    LinkConfiguration.class,
    MediaConfiguration.class,
    QueueConfiguration.class,
    SweepConfiguration.class,
    UploadConfiguration.class
})
public class GatewayService {
    public static void main(String[] args) {
        SpringApplication.run(GatewayService.class, args);
    }
}
