package dev.tomp3.gateway;

import dev.tomp3.contract.http.HttpConfiguration;
import dev.tomp3.contract.job.JobConfiguration;
import dev.tomp3.contract.job.SweepConfiguration;
import dev.tomp3.contract.media.MediaConfiguration;
import dev.tomp3.contract.queue.QueueConfiguration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.Import;

@SpringBootApplication
@ConfigurationPropertiesScan
@Import({
    HttpConfiguration.class,
    JobConfiguration.class,
    MediaConfiguration.class,
    QueueConfiguration.class,
    SweepConfiguration.class
})
public class GatewayService {
    public static void main(String[] args) {
        SpringApplication.run(GatewayService.class, args);
    }
}
