package dev.tomp3.chaos;

import dev.tomp3.chaos.Violation.Kind;
import dev.tomp3.processes.Service;
import dev.tomp3.servers.MongoProxy.Treatment;
import dev.tomp3.servers.TestMongo;
import dev.tomp3.servers.Wire;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.bson.BsonDocument;
import org.bson.BsonDouble;

/** Faults of stores that answer: late, not at all, with a full disk, or with yesterday's data. */
final class StoreFaults {
    private static final Set<String> WRITES =
            Set.of("insert", "update", "delete", "findAndModify", "findandmodify");
    private static final Duration ANSWERS_LOST = Duration.ofSeconds(8);
    private static final Duration LATE = Duration.ofSeconds(4);
    private static final Duration ANSWERS_LATE = Duration.ofSeconds(12);
    private static final Duration ELECTION = Duration.ofSeconds(12);
    private static final Duration ALARM = Duration.ofSeconds(15);
    private static final Duration DISK_FULL = Duration.ofSeconds(6);
    private static final Duration LOST_BY_RESTORE = Duration.ofSeconds(8);
    private static final Duration WEEK_AND_A_DAY = Duration.ofDays(8);

    /** A pass of retention begins 20 s after the start of a service. */
    private static final Duration RETENTION = Duration.ofSeconds(25);

    private static final Duration TIMEOUT = Duration.ofSeconds(90);

    /** The embedded server reads all of them, under one lock, for each claim. */
    private static final int MANY = TestMongo.isEmbedded() ? 10_000 : 100_000;

    private static final long GIB = 1L << 30;

    private final Deployment tomp3;
    private final Database database;
    private final Ledger ledger;
    private final Client observer;
    private final Upload known;
    private final Sample small;
    private final Outage outage;
    private final Random random;

    /**
     * @param observer uploads and sends requests
     * @param known a job of the observer that is done
     */
    StoreFaults(
            Deployment tomp3,
            Database database,
            Ledger ledger,
            Client observer,
            Upload known,
            Sample small,
            Outage outage,
            Random random) {
        this.tomp3 = tomp3;
        this.database = database;
        this.ledger = ledger;
        this.observer = observer;
        this.known = known;
        this.small = small;
        this.outage = outage;
        this.random = random;
    }

    List<Fault> all() {
        List<Fault> all = new ArrayList<>();
        all.add(Fault.other("MongoDB's answers to writes lost", this::answersLost));
        all.add(Fault.other("MongoDB acknowledges writes 4 s late", this::answersLate));
        all.add(Fault.other("MongoDB stopped for 12 s", this::stopped));
        all.add(Fault.other("MongoDB's disk full, then space to reuse", this::diskFull));
        all.add(Fault.other("clock of the converters 8 days ahead", this::clockAhead));
        all.add(Fault.other("earlier data restored", this::restored));
        all.add(Fault.other("%,d jobs waiting".formatted(MANY), this::manyWaiting));
        if (tomp3.servers.broker.hasAlarms())
            all.add(Fault.ofBroker("broker in a memory alarm", this::alarm));
        return all;
    }

    /** Every third write is applied, and its connection breaks instead of an answer. */
    private long answersLost() throws InterruptedException {
        tomp3.documents.treat(
                new Treatment.Cut(),
                Integer.MAX_VALUE,
                command -> isWrite(command) && random.nextInt(3) == 0);
        Thread.sleep(ANSWERS_LOST);
        tomp3.documents.pass();
        return System.nanoTime();
    }

    private long answersLate() throws InterruptedException {
        tomp3.documents.treat(new Treatment.Delayed(LATE), Integer.MAX_VALUE, StoreFaults::isWrite);
        Thread.sleep(ANSWERS_LATE);
        tomp3.documents.pass();
        return System.nanoTime();
    }

    private static boolean isWrite(BsonDocument command) {
        return WRITES.contains(command.getFirstKey());
    }

    /** As long as an election. */
    private long stopped() throws Exception {
        if (tomp3.servers.mongo.canPause()) tomp3.servers.mongo.pause();
        else tomp3.wires(Dependency.MONGODB).forEach(Wire::hang);
        try {
            outage.observe(Dependency.MONGODB, ELECTION);
        } finally {
            if (tomp3.servers.mongo.canPause()) tomp3.servers.mongo.unpause();
            else tomp3.wires(Dependency.MONGODB).forEach(Wire::goOn);
        }
        return System.nanoTime();
    }

    private long alarm() throws Exception {
        tomp3.servers.broker.alarm(true);
        try {
            outage.observe(Dependency.BROKER, ALARM);
        } finally {
            tomp3.servers.broker.alarm(false);
        }
        return System.nanoTime();
    }

    /**
     * The server reports a disk of 8 GB with less space than uploads must leave; later it reports
     * the same, and that it can reuse the space of deleted media.
     */
    private long diskFull() throws Exception {
        ledger.expectFullDisk();
        disk(GIB / 4 * 3, 0);
        try {
            until("uploads are refused", () -> uploadsAre(507));
            outage.observe(Dependency.DISK, DISK_FULL);
            disk(GIB / 4 * 3, 5 * GIB);
            until("uploads are accepted again", () -> uploadsAre(202));
        } finally {
            tomp3.documents.pass();
        }
        return System.nanoTime();
    }

    private void disk(long free, long reusable) {
        BsonDocument answer =
                new BsonDocument("fsTotalSize", new BsonDouble(8 * GIB))
                        .append("fsUsedSize", new BsonDouble(8 * GIB - free))
                        .append("freeStorageSize", new BsonDouble(reusable))
                        .append("ok", new BsonDouble(1));
        tomp3.documents.treat(
                new Treatment.Replaced(answer),
                Integer.MAX_VALUE,
                command -> command.containsKey("dbStats") || command.containsKey("collStats"));
    }

    private boolean uploadsAre(int status) throws IOException, InterruptedException {
        for (URI gateway : tomp3.gateways()) {
            Client.Answer answer = observer.upload(gateway, small, null);
            if (answer.status() == 202) ledger.accepted(observer, small, null, answer.json());
            if (answer.status() != status) return false;
        }
        return true;
    }

    /** Both converters start with the clock of next week, and one of them enforces retention. */
    private long clockAhead() throws Exception {
        for (Instance converter : tomp3.of(Service.CONVERTER)) restart(converter, WEEK_AND_A_DAY);
        String leader = database.leader();
        List<Wire> gateways =
                tomp3.of(Service.GATEWAY).stream()
                        .map(gateway -> gateway.wires.get(Dependency.MONGODB))
                        .toList();
        gateways.forEach(Wire::hang);
        try {
            until("a converter leads", () -> !database.leader().equals(leader));
        } finally {
            gateways.forEach(Wire::goOn);
        }
        Thread.sleep(RETENTION);
        if (!Load.awaitEnd(observer, tomp3.gateways().getFirst(), known, ledger, TIMEOUT))
            ledger.report(Kind.LOST, known, "is no longer there");
        for (Instance converter : tomp3.of(Service.CONVERTER))
            restart(converter, tomp3.skewOf(converter));
        return System.nanoTime();
    }

    private void restart(Instance instance, Duration skew)
            throws IOException, InterruptedException {
        instance.command(tomp3.command(instance.service, skew));
        instance.terminate();
    }

    /**
     * Restores a backup of the documents that was made while the services ran, as
     * docs/operations.md describes: what was accepted since is unknown, what was waiting is
     * converted, and nobody receives a second mail.
     */
    private long restored() throws Exception {
        try (Backup backup = database.backUp()) {
            Thread.sleep(LOST_BY_RESTORE);
            List<Instance> stopped = new ArrayList<>();
            for (Service service :
                    List.of(Service.GATEWAY, Service.CONVERTER, Service.NOTIFICATION))
                stopped.addAll(tomp3.of(service));
            stopped.forEach(Instance::end);
            Thread.sleep(1000); // answers are on their way
            database.restore(backup);
            database.expireWithoutMp3();
            ledger.restored(backup.settled(), backup.waiting());
        }
        int mails = tomp3.mail.getReceivedMessages().length;
        Instance notifier = tomp3.one(Service.NOTIFICATION, 0);
        String host = notifier.set("SMTP_HOST", "");
        Stream.concat(tomp3.of(Service.CONVERTER).stream(), Stream.of(notifier))
                .forEach(Instance::start);
        until(
                "nothing waits",
                () ->
                        database.in("QUEUED").isEmpty()
                                && database.in("CONVERTING").isEmpty()
                                && database.unnotified().isEmpty());
        int more = tomp3.mail.getReceivedMessages().length - mails;
        if (more > 0) ledger.report(Kind.DUPLICATED, more + " mails after a restore");
        String _ = notifier.set("SMTP_HOST", host);
        notifier.terminate();
        tomp3.of(Service.GATEWAY).forEach(Instance::start);
        return System.nanoTime();
    }

    private long manyWaiting() throws Exception {
        database.insertWaiting(MANY);
        try {
            Upload upload = null;
            for (int i = 0; i < 30 && upload == null; i++) {
                upload = Load.upload(observer, tomp3.gateways().getFirst(), small, null, ledger);
                Thread.sleep(300);
            }
            if (upload == null
                    || !Load.awaitEnd(
                            observer, tomp3.gateways().getFirst(), upload, ledger, TIMEOUT))
                ledger.report(Kind.STUCK, "no job ends while " + MANY + " jobs wait");
        } finally {
            database.removeWaiting();
        }
        return System.nanoTime();
    }

    private void until(String what, Callable<Boolean> condition) throws Exception {
        long start = System.nanoTime();
        while (!condition.call()) {
            if (System.nanoTime() - start > TIMEOUT.toNanos()) {
                ledger.report(Kind.STUCK, "not so within " + TIMEOUT + ": " + what);
                return;
            }
            Thread.sleep(300);
        }
    }
}
