package dev.tomp3.jobs;

import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.queue.Publisher;
import dev.tomp3.platform.NanoClock;
import java.time.Clock;
import java.time.Duration;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The sweeper, for the gateway and the converter. The parts that it takes in a job's life are no
 * beans, so that its service sees only its own.
 */
@Configuration(proxyBeanMethods = false)
public class SweepConfiguration {
    @Bean
    Restores restores(JobDocuments documents, StoreClock storeClock) {
        return new Restores(documents.patient(), storeClock.clock());
    }

    @Bean
    Sweeper sweeper(
            JobDocuments impatient,
            MediaStore media,
            Publisher publisher,
            StoreClock storeClock,
            Restores restores,
            NanoClock nanoClock,
            Timing timing,
            JobProperties properties) {
        JobDocuments documents = impatient.patient();
        JobProperties.Keep keep = properties.keep();
        Clock clock = storeClock.clock();
        FairShare fairShare = new FairShare(documents.mongo());
        Sweeper.Parts parts =
                new Sweeper.Parts(
                        new Jobs(documents, clock),
                        new IncomingUploads(documents, fairShare, clock, Duration.ZERO),
                        new ClaimQueue(
                                documents, fairShare, clock, properties.maxConcurrentJobsPerUser()),
                        new Attempts(documents, clock, timing),
                        new Notifications(documents, clock, timing),
                        new Retention(
                                documents,
                                clock,
                                new Retention.Periods(keep.video(), keep.mp3(), keep.job()),
                                timing),
                        new DeletionGuard(storeClock, restores, keep.pauseAfterRestore()));
        return new Sweeper(
                new LeaderLease(documents.mongo(), timing, nanoClock),
                parts,
                media,
                publisher,
                timing,
                nanoClock);
    }

    /** Of services only: a command of an operator looks at the jobs and changes none. */
    @Bean
    @ConditionalOnWebApplication
    SweepSchedule sweepSchedule(
            Sweeper sweeper,
            @Value("${tomp3.sweep.orphans}") Duration orphans,
            @Value("${tomp3.sweep.strays}") Duration strays) {
        return new SweepSchedule(sweeper, orphans, strays);
    }
}
