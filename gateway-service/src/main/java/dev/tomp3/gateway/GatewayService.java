package dev.tomp3.gateway;

import dev.tomp3.jobs.JobConfiguration;
import dev.tomp3.jobs.SweepConfiguration;
import dev.tomp3.jobs.UploadConfiguration;
import dev.tomp3.jobs.media.HeapBudget;
import dev.tomp3.jobs.media.MediaConfiguration;
import dev.tomp3.jobs.media.MediaStoreDependency;
import dev.tomp3.jobs.queue.QueueConfiguration;
import dev.tomp3.platform.HttpConfiguration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

@SpringBootApplication
@ConfigurationPropertiesScan
@Import({
    HttpConfiguration.class,
    JobConfiguration.class,
    MediaConfiguration.class,
    QueueConfiguration.class,
    SweepConfiguration.class,
    UploadConfiguration.class
})
public class GatewayService {
    /** The rest of the heap is for connections, caches and the driver of the store. */
    @Bean
    HeapBudget heapBudget() {
        return new HeapBudget(Runtime.getRuntime().maxMemory() / 3);
    }

    /** In {@code /health}: whether uploads are refused because the disk is full. */
    @Bean
    HealthIndicator storage(MediaStoreDependency store, GatewayProperties properties) {
        return () -> {
            boolean full = store.diskSpace().free() < properties.minFree().toBytes();
            return full ? Health.outOfService().build() : Health.up().build();
        };
    }

    public static void main(String[] args) {
        SpringApplication.run(GatewayService.class, args);
    }
}
