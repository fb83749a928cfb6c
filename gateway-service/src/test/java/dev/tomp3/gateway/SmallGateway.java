package dev.tomp3.gateway;

import dev.tomp3.embedded.QpidDeclarables;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.media.MediaOutput;
import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/**
 * The gateway in a JVM of its own, to be given little memory. Says its port, then "converts" the
 * job of each id that it is told by copying the video, and ends with its standard input.
 */
final class SmallGateway {
    private SmallGateway() {}

    static void main(String[] settings) throws IOException {
        try (ConfigurableApplicationContext context =
                        new SpringApplicationBuilder(GatewayService.class)
                                .initializers((GenericApplicationContext beans) ->
                                        beans.registerBean(QpidDeclarables.class))
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
        Jobs jobs = context.getBean(Jobs.class);
        MediaStore media = context.getBean(MediaStore.class);
        Job job = jobs.claim("test").orElseThrow();
        try (InputStream in = media.open(Bucket.VIDEOS, id, 0);
                MediaOutput out = media.create(Bucket.MP3S, job.attemptFile())) {
            in.transferTo(out);
            out.commit();
        }
        if (!jobs.succeed(job, new Job.Result(job.attemptFile(), job.source().bytes(), 1)))
            throw new IllegalStateException("no longer ours");
    }
}
