package dev.tomp3.gateway;

import dev.tomp3.jobs.BacklogConfiguration;
import dev.tomp3.jobs.ChangeConfiguration;
import dev.tomp3.jobs.JobConfiguration;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.LinkConfiguration;
import dev.tomp3.jobs.MissingMedia;
import dev.tomp3.jobs.SweepConfiguration;
import dev.tomp3.jobs.UploadConfiguration;
import dev.tomp3.jobs.WebhookConfiguration;
import dev.tomp3.jobs.media.HeapBudget;
import dev.tomp3.jobs.media.MediaConfiguration;
import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStoreDependency;
import dev.tomp3.jobs.queue.QueueConfiguration;
import dev.tomp3.platform.HttpConfiguration;
import java.io.IOException;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.dao.DataAccessException;

@SpringBootApplication
@ConfigurationPropertiesScan
@Import({
    BacklogConfiguration.class,
    ChangeConfiguration.class,
    HttpConfiguration.class,
    JobConfiguration.class,
    LinkConfiguration.class,
    MediaConfiguration.class,
    QueueConfiguration.class,
    SweepConfiguration.class,
    UploadConfiguration.class,
    WebhookConfiguration.class
})
public class GatewayService {
    private static final String CHECK_MEDIA = "check-media";

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
        if (args.length == 1 && args[0].equals(CHECK_MEDIA)) System.exit(checkMedia());
        SpringApplication.run(GatewayService.class, args);
    }

    /**
     * Prints the jobs whose media are missing, with the settings of the gateway, and serves nobody.
     */
    private static int checkMedia() {
        try (ConfigurableApplicationContext beans =
                new SpringApplicationBuilder(GatewayService.class)
                        .web(WebApplicationType.NONE)
                        .lazyInitialization(true)
                        .bannerMode(Banner.Mode.OFF)
                        .properties("logging.level.root=warn")
                        .run()) {
            int missing =
                    new MissingMedia(beans.getBean(Jobs.class), beans.getBean(MediaStore.class))
                            .find(System.out::println);
            System.out.println(missing + " jobs without their media");
            return missing == 0 ? 0 : 1;
        } catch (IOException | DataAccessException e) {
            System.err.println("The stores cannot be reached: " + e.getMessage());
            return 2;
        }
    }
}
