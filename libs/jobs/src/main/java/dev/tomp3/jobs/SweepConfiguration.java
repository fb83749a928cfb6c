package dev.tomp3.jobs;

import dev.tomp3.jobs.Sweep.Retention;
import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.queue.Publisher;
import java.time.Clock;
import java.time.Duration;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.mongodb.core.MongoTemplate;

/** For every service that sweeps. */
@Configuration(proxyBeanMethods = false)
public class SweepConfiguration {
    @Bean
    Sweep sweep(
            MongoTemplate mongo,
            Jobs jobs,
            MediaStore media,
            Publisher publisher,
            Clock clock,
            @Value("${tomp3.keep.video}") Duration video,
            @Value("${tomp3.keep.mp3}") Duration mp3,
            @Value("${tomp3.keep.job}") Duration job) {
        return new Sweep(
                mongo,
                jobs,
                media,
                publisher,
                new Retention(video, mp3, job),
                clock,
                System::nanoTime);
    }

    @Bean
    SweepSchedule sweepSchedule(Sweep sweep, @Value("${tomp3.sweep.orphans:1h}") Duration orphans) {
        return new SweepSchedule(sweep, orphans);
    }
}
