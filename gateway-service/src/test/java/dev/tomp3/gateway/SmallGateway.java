package dev.tomp3.gateway;

import dev.tomp3.embedded.QpidDeclarables;
import dev.tomp3.jobs.Attempts;
import dev.tomp3.jobs.ClaimQueue;
import dev.tomp3.jobs.ConversionConfiguration;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Timing;
import dev.tomp3.jobs.media.MediaOutput;
import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/**
 * The gateway in a JVM of its own, so that it can have little memory. Prints its port, then
 * "converts" the job of each id that it reads by copying the video, and ends with its standard
 * input.
 */
final class SmallGateway {
    /** The copy sends no heartbeats, and may take longer than a lease on a busy machine. */
    private static final Timing UNHURRIED =
            new Timing(
                    Duration.ofMinutes(10),
                    Timing.PRODUCTION.upload(),
                    Timing.PRODUCTION.leader(),
                    Timing.PRODUCTION.leaderDoubt(),
                    Timing.PRODUCTION.notification(),
                    Timing.PRODUCTION.idempotencyKey());

    private SmallGateway() {}

    static void main(String[] settings) throws IOException {
        try (ConfigurableApplicationContext context =
                        new SpringApplicationBuilder(
                                        GatewayService.class, ConversionConfiguration.class)
                                .initializers((GenericApplicationContext beans) -> {
                                    beans.registerBean(QpidDeclarables.class);
                                    beans.registerBean(Timing.class, () -> UNHURRIED);
                                })
                                .run(settings);
                BufferedReader in =
                        new BufferedReader(
                                new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            System.out.println("port " + Gateway.port(context));
            for (String id = in.readLine(); id != null; id = in.readLine()) {
                convert(context, id);
                System.out.println("done " + id);
            }
        }
        System.exit(0);
    }

    private static void convert(ConfigurableApplicationContext context, String id)
            throws IOException {
        MediaStore media = context.getBean(MediaStore.class);
        Job job = context.getBean(ClaimQueue.class).claim("test").orElseThrow();
        try (InputStream in = media.open(Bucket.VIDEOS, id, 0);
                MediaOutput out = media.create(Bucket.MP3S, job.attemptFile())) {
            in.transferTo(out);
            out.commit();
        }
        if (!context.getBean(Attempts.class)
                .succeed(job, new Job.Result(job.source().bytes(), 1, List.of())))
            throw new IllegalStateException("The attempt does not hold the job");
    }
}
