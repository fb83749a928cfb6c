package dev.tomp3.chaos;

import dev.tomp3.chaos.Client.Answer;
import dev.tomp3.processes.Service;
import dev.tomp3.servers.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** All faults that end a process or make a dependency unavailable. */
final class Faults {
    /** Longer than a lease, so that the jobs of a stopped converter are reclaimed. */
    private static final Duration PAST_THE_LEASE = Duration.ofSeconds(11);

    private static final Duration AWAY = Duration.ofSeconds(6);
    private static final Duration HANGING = Duration.ofSeconds(5);

    private final Deployment tomp3;
    private final Database database;
    private final Ledger ledger;
    private final Client observer;
    private final Upload known;
    private final Outage outage;
    private final Sample small;
    private final Random random;
    private final @Nullable Path fullDisk;
    private Runnable injected = () -> {};

    /**
     * @param observer uploads and sends requests during outages
     * @param known a job of the observer that is done
     * @param fullDisk the work directory of the first converter, if it is a disk of its own
     */
    Faults(
            Deployment tomp3,
            Database database,
            Ledger ledger,
            Client observer,
            Upload known,
            Sample small,
            Random random,
            @Nullable Path fullDisk) {
        this.tomp3 = tomp3;
        this.database = database;
        this.ledger = ledger;
        this.observer = observer;
        this.known = known;
        this.outage = new Outage(tomp3, ledger, observer, known, small, random);
        this.small = small;
        this.random = random;
        this.fullDisk = fullDisk;
    }

    /** Sets what is called when a fault hits the jobs in progress. */
    void onInjected(Runnable injected) {
        this.injected = injected;
    }

    List<Fault> all() {
        List<Fault> all = new ArrayList<>();
        for (Step step : List.of(Step.CLAIMED, Step.CONVERTING, Step.NEARLY_DONE)) {
            all.add(Fault.ofWorker("SIGKILL converter, " + step, () -> kill(converter(step))));
        }
        all.add(
                Fault.ofWorker(
                        "SIGTERM converter, converting", () -> term(converter(Step.CONVERTING))));
        all.add(Fault.ofWorker("SIGTERM converter, claimed", () -> term(converter(Step.CLAIMED))));
        all.add(Fault.ofWorker("SIGSTOP converter past its lease, converting", this::zombie));
        all.add(Fault.other("SIGKILL one converter, then the other", this::killTwice));
        all.add(Fault.other("SIGKILL both converters", () -> kill(Service.CONVERTER)));
        for (Step step : List.of(Step.UPLOADING, Step.QUEUED)) {
            all.add(Fault.other("SIGKILL gateway, " + step, () -> kill(gateway(step))));
        }
        all.add(Fault.other("SIGTERM gateway, uploading", () -> term(gateway(Step.UPLOADING))));
        all.add(
                Fault.other(
                        "SIGSTOP gateway, uploading",
                        () -> pause(gateway(Step.UPLOADING), HANGING)));
        all.add(
                Fault.other(
                        "SIGKILL gateway, receiving a part",
                        () -> kill(gateway(Step.RECEIVING_A_PART))));
        all.add(
                Fault.other(
                        "SIGTERM gateway, receiving a part",
                        () -> term(gateway(Step.RECEIVING_A_PART))));
        all.add(Fault.other("SIGKILL notification, settled", () -> kill(notifier(Step.SETTLED))));
        all.add(Fault.other("SIGTERM notification, settled", () -> term(notifier(Step.SETTLED))));
        all.add(
                Fault.other(
                        "SIGSTOP notification, settled",
                        () -> pause(notifier(Step.SETTLED), HANGING)));
        all.add(Fault.other("SIGKILL auth", () -> kill(auth())));
        all.add(Fault.other("SIGTERM auth", () -> term(auth())));
        all.add(Fault.other("SIGSTOP auth", this::authHangs));
        all.add(Fault.other("auth away", this::authAway));
        all.add(Fault.other("SIGKILL all services", this::killAll));
        all.add(Fault.ofBroker("broker wiped", this::wiped));
        all.add(
                Fault.ofBroker(
                        "broker hangs past its heartbeats",
                        () -> hangs(Dependency.BROKER, Duration.ofSeconds(25))));
        all.add(Fault.other("MongoDB hangs", () -> hangs(Dependency.MONGODB, HANGING)));
        all.add(Fault.other("MySQL hangs", () -> hangs(Dependency.MYSQL, HANGING)));
        all.add(Fault.ofBroker("broker's connections refused", () -> refused(Dependency.BROKER)));
        if (tomp3.servers.broker.canEnd()) {
            all.add(
                    Fault.ofBroker(
                            "broker restarted", () -> ends(Dependency.BROKER, Duration.ZERO)));
            all.add(Fault.ofBroker("broker away", () -> ends(Dependency.BROKER, AWAY)));
            all.add(Fault.other("broker and a converter killed", this::brokerAndConverter));
        }
        all.add(
                Fault.other(
                        "MongoDB away",
                        () ->
                                tomp3.servers.mongo.canEnd()
                                        ? ends(Dependency.MONGODB, AWAY)
                                        : refused(Dependency.MONGODB)));
        all.add(
                Fault.other(
                        "MySQL away",
                        () ->
                                tomp3.servers.database.canEnd()
                                        ? ends(Dependency.MYSQL, AWAY)
                                        : refused(Dependency.MYSQL)));
        all.addAll(
                new StoreFaults(tomp3, database, ledger, observer, known, small, outage, random)
                        .all());
        if (fullDisk != null) {
            Path disk = fullDisk;
            all.add(Fault.other("converter's disk full", () -> full(disk)));
        }
        return all;
    }

    /** The state of a job at which a fault is injected. */
    private enum Step {
        UPLOADING,
        RECEIVING_A_PART,
        QUEUED,
        CLAIMED,
        CONVERTING,
        NEARLY_DONE,
        SETTLED;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    private Instance converter(Step step) throws InterruptedException {
        await(step);
        return tomp3.one(Service.CONVERTER, random.nextInt(2));
    }

    /** A gateway that has received an upload, or is receiving one. */
    private Instance gateway(Step step) throws InterruptedException {
        Instance gateway = tomp3.one(Service.GATEWAY, random.nextInt(2));
        if (step == Step.UPLOADING) {
            Thread.ofVirtual().start(() -> uploadSlowly(gateway));
            Thread.sleep(400);
        } else if (step == Step.RECEIVING_A_PART) {
            Thread.ofVirtual().start(() -> uploadInParts(gateway));
            Thread.sleep(600);
        } else {
            Upload _ = Load.upload(observer, gateway.address(), small, null, ledger);
        }
        return gateway;
    }

    private void uploadSlowly(Instance gateway) {
        try {
            Answer answer =
                    observer.upload(
                            gateway.address(),
                            small,
                            null,
                            SlowBody.of(small.file(), Duration.ofSeconds(2)));
            if (answer.status() == 202) ledger.accepted(observer, small, null, answer.json());
        } catch (IOException e) {
            return; // the gateway has ended, and has not accepted the upload
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void uploadInParts(Instance gateway) {
        try {
            Upload _ =
                    new ResumableUpload(observer, small, ledger, random)
                            .slowly(gateway.address(), tomp3.gateways());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Instance notifier(Step step) throws InterruptedException {
        await(step);
        return tomp3.one(Service.NOTIFICATION, 0);
    }

    private Instance auth() {
        return tomp3.one(Service.AUTH, 0);
    }

    /** Waits for a job in this state; after a while the fault is injected anyway. */
    private void await(Step step) throws InterruptedException {
        for (int i = 0; i < 200; i++) {
            boolean there =
                    switch (step) {
                        case QUEUED, UPLOADING, RECEIVING_A_PART ->
                                !database.in("QUEUED").isEmpty();
                        case CLAIMED ->
                                database.in("CONVERTING").stream()
                                        .anyMatch(job -> job.percent() == 0);
                        case CONVERTING ->
                                database.in("CONVERTING").stream()
                                        .anyMatch(job -> job.percent() > 5 && job.percent() < 80);
                        case NEARLY_DONE ->
                                database.in("CONVERTING").stream()
                                        .anyMatch(job -> job.percent() >= 80);
                        case SETTLED -> !database.unnotified().isEmpty();
                    };
            if (there) return;
            Thread.sleep(20);
        }
    }

    private long kill(Instance instance) {
        instance.kill();
        injected.run();
        return System.nanoTime();
    }

    private long kill(Service service) {
        tomp3.of(service).forEach(Instance::kill);
        injected.run();
        return System.nanoTime();
    }

    private long killAll() throws InterruptedException {
        await(Step.CONVERTING);
        tomp3.instances.forEach(Instance::kill);
        injected.run();
        return System.nanoTime();
    }

    private long killTwice() throws InterruptedException {
        Instance first = converter(Step.CONVERTING);
        first.kill();
        Thread.sleep(1000);
        tomp3.of(Service.CONVERTER).stream().filter(one -> one != first).forEach(Instance::kill);
        injected.run();
        return System.nanoTime();
    }

    private long term(Instance instance) throws InterruptedException {
        long told = System.nanoTime();
        injected.run();
        instance.terminate();
        return told;
    }

    private static long pause(Instance instance, Duration pause)
            throws IOException, InterruptedException {
        instance.signal("STOP");
        Thread.sleep(pause);
        instance.signal("CONT");
        return System.nanoTime();
    }

    /** The converter loses its lease, another claims the job, and then the first one continues. */
    private long zombie() throws IOException, InterruptedException {
        Instance converter = converter(Step.CONVERTING);
        long stopped = System.nanoTime();
        converter.signal("STOP");
        injected.run();
        Thread.sleep(PAST_THE_LEASE);
        converter.signal("CONT");
        return stopped;
    }

    private long authHangs() throws Exception {
        Instance auth = auth();
        auth.signal("STOP");
        try {
            outage.observe(Dependency.AUTH, HANGING);
        } finally {
            auth.signal("CONT");
        }
        return System.nanoTime();
    }

    private long authAway() throws Exception {
        Instance auth = auth();
        auth.end();
        try {
            outage.observe(Dependency.AUTH, AWAY);
        } finally {
            auth.start();
        }
        return System.nanoTime();
    }

    private long full(Path disk) throws IOException, InterruptedException {
        Path filler = disk.resolve("filler");
        byte[] block = new byte[1 << 20];
        try (var out = Files.newOutputStream(filler)) {
            while (true) out.write(block);
        } catch (IOException e) {
            Thread.sleep(AWAY); // the disk is full
        } finally {
            Files.delete(filler);
        }
        return System.nanoTime();
    }

    private long ends(Dependency server, Duration away) throws Exception {
        switch (server) {
            case BROKER -> tomp3.servers.broker.down();
            case MONGODB -> tomp3.servers.mongo.down();
            case MYSQL -> tomp3.servers.database.down();
            case AUTH, DISK -> throw new IllegalArgumentException("not a server");
        }
        try {
            if (away.isPositive()) outage.observe(server, away);
        } finally {
            switch (server) {
                case BROKER -> tomp3.servers.broker.up();
                case MONGODB -> tomp3.servers.mongo.up();
                case MYSQL -> tomp3.servers.database.up();
                case AUTH, DISK -> {}
            }
        }
        return System.nanoTime();
    }

    private long brokerAndConverter() throws Exception {
        Instance converter = converter(Step.CONVERTING);
        tomp3.servers.broker.down();
        converter.kill();
        Thread.sleep(1000);
        tomp3.servers.broker.up();
        return System.nanoTime();
    }

    private long wiped() {
        tomp3.servers.broker.wipe();
        return System.nanoTime();
    }

    private long hangs(Dependency server, Duration duration) throws Exception {
        tomp3.wires(server).forEach(Wire::hang);
        try {
            outage.observe(server, duration);
        } finally {
            tomp3.wires(server).forEach(Wire::goOn);
        }
        return System.nanoTime();
    }

    private long refused(Dependency server) throws Exception {
        for (Wire wire : tomp3.wires(server).toList()) wire.cut();
        try {
            outage.observe(server, AWAY);
        } finally {
            for (Wire wire : tomp3.wires(server).toList()) wire.mend();
        }
        return System.nanoTime();
    }
}
