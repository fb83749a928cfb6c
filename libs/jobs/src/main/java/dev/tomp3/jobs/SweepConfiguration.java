package dev.tomp3.jobs;

import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.queue.Publisher;
import dev.tomp3.platform.NanoClock;
import java.time.Clock;
import java.time.Duration;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.mongodb.core.MongoTemplate;

/**
 * The sweeper, for the gateway and the converter. The parts that it takes in a job's life are no
 * beans, so that its service sees only its own.
 */
@Configuration(proxyBeanMethods = false)
public class SweepConfiguration {
    @Bean
    Sweeper sweeper(
            MongoTemplate mongo,
            JobDocuments documents,
            Jobs jobs,
            MediaStore media,
            Publisher publisher,
            Clock clock,
            NanoClock nanoClock,
            Timing timing,
            @Value("${tomp3.max-concurrent-jobs-per-user}") int maxConcurrentPerOwner,
            @Value("${tomp3.keep.video}") Duration video,
            @Value("${tomp3.keep.mp3}") Duration mp3,
            @Value("${tomp3.keep.job}") Duration job) {
        FairShare fairShare = new FairShare(mongo);
        Sweeper.Parts parts =
                new Sweeper.Parts(
                        jobs,
                        new IncomingUploads(documents, fairShare, clock),
                        new ClaimQueue(documents, fairShare, clock, maxConcurrentPerOwner),
                        new Attempts(documents, clock, timing),
                        new Notifications(documents, clock, timing),
                        new Retention(
                                documents, clock, new Retention.Periods(video, mp3, job), timing));
        return new Sweeper(
                new LeaderLease(mongo, timing, nanoClock),
                parts,
                media,
                publisher,
                timing,
                nanoClock);
    }

    @Bean
    SweepSchedule sweepSchedule(
            Sweeper sweeper, @Value("${tomp3.sweep.orphans}") Duration orphans) {
        return new SweepSchedule(sweeper, orphans);
    }
}
