package dev.tomp3.chaos;

import dev.tomp3.chaos.Client.Answer;
import dev.tomp3.chaos.Complaint.Kind;
import dev.tomp3.servers.Wire;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** All faults that end a process or take a server away. */
final class Faults {
    /** Longer than a lease, so that a stopped worker is taken for lost. */
    private static final Duration PAST_THE_LEASE = Duration.ofSeconds(11);

    private static final Duration AWAY = Duration.ofSeconds(6);
    private static final Duration HANGING = Duration.ofSeconds(5);

    /** What a request may take to be refused while a store is away. */
    private static final Duration REFUSED = Duration.ofSeconds(3);

    private static final Duration HANGS = Duration.ofSeconds(10);

    private final Deployed tomp3;
    private final Documents documents;
    private final Ledger ledger;
    private final Client visitor;
    private final Upload known;
    private final Sample small;
    private final Random random;
    private final @Nullable Path fullDisk;
    private Runnable struck = () -> {};

    /**
     * @param visitor asks while a store is away
     * @param known a job of the visitor's that is done
     * @param fullDisk where the first converter works, when that is a disk of its own
     */
    Faults(
            Deployed tomp3,
            Documents documents,
            Ledger ledger,
            Client visitor,
            Upload known,
            Sample small,
            Random random,
            @Nullable Path fullDisk) {
        this.tomp3 = tomp3;
        this.documents = documents;
        this.ledger = ledger;
        this.visitor = visitor;
        this.known = known;
        this.small = small;
        this.random = random;
        this.fullDisk = fullDisk;
    }

    /** What is done at the moment when a fault strikes the jobs under way. */
    void whenStruck(Runnable struck) {
        this.struck = struck;
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
                        () -> hangs(BackEnd.BROKER, Duration.ofSeconds(25))));
        all.add(Fault.other("MongoDB hangs", () -> hangs(BackEnd.DOCUMENTS, HANGING)));
        all.add(Fault.other("MySQL hangs", () -> hangs(BackEnd.USERS, HANGING)));
        all.add(Fault.ofBroker("broker's connections refused", () -> refused(BackEnd.BROKER)));
        if (tomp3.broker.canEnd()) {
            all.add(Fault.ofBroker("broker restarted", () -> ends(BackEnd.BROKER, Duration.ZERO)));
            all.add(Fault.ofBroker("broker away", () -> ends(BackEnd.BROKER, AWAY)));
            all.add(Fault.other("broker and a converter killed", this::brokerAndConverter));
        }
        all.add(
                Fault.other(
                        "MongoDB away",
                        () ->
                                tomp3.documents.canEnd()
                                        ? ends(BackEnd.DOCUMENTS, AWAY)
                                        : refused(BackEnd.DOCUMENTS)));
        all.add(
                Fault.other(
                        "MySQL away",
                        () ->
                                tomp3.users.canEnd()
                                        ? ends(BackEnd.USERS, AWAY)
                                        : refused(BackEnd.USERS)));
        if (fullDisk != null) {
            Path disk = fullDisk;
            all.add(Fault.other("converter's disk full", () -> full(disk)));
        }
        return all;
    }

    /** Where a job is when the fault comes. */
    private enum Step {
        UPLOADING,
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

    // ---- a service

    private Instance converter(Step step) throws InterruptedException {
        await(step);
        return tomp3.one(Service.CONVERTER, random.nextInt(2));
    }

    /** Which one is known: the upload is sent to it. */
    private Instance gateway(Step step) throws InterruptedException {
        Instance gateway = tomp3.one(Service.GATEWAY, random.nextInt(2));
        if (step == Step.UPLOADING) {
            Thread.ofVirtual().start(() -> slowly(gateway));
            Thread.sleep(400);
        } else {
            Upload _ = Load.upload(visitor, gateway.address(), small, null, ledger);
        }
        return gateway;
    }

    private void slowly(Instance gateway) {
        try {
            Answer answer =
                    visitor.upload(
                            gateway.address(),
                            small,
                            null,
                            SlowBody.of(small.file(), Duration.ofSeconds(2)));
            if (answer.status() == 202) ledger.accepted(visitor, small, null, answer.json());
        } catch (IOException e) {
            return; // the gateway has ended under it, and nothing was promised
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

    /** Waits for a job that is there; after a while any moment will do. */
    private void await(Step step) throws InterruptedException {
        for (int i = 0; i < 200; i++) {
            boolean there =
                    switch (step) {
                        case QUEUED, UPLOADING -> !documents.in("QUEUED").isEmpty();
                        case CLAIMED ->
                                documents.in("CONVERTING").stream()
                                        .anyMatch(job -> job.percent() == 0);
                        case CONVERTING ->
                                documents.in("CONVERTING").stream()
                                        .anyMatch(job -> job.percent() > 5 && job.percent() < 80);
                        case NEARLY_DONE ->
                                documents.in("CONVERTING").stream()
                                        .anyMatch(job -> job.percent() >= 80);
                        case SETTLED -> !documents.unannounced().isEmpty();
                    };
            if (there) return;
            Thread.sleep(20);
        }
    }

    private long kill(Instance instance) {
        instance.kill();
        struck.run();
        return System.nanoTime();
    }

    private long kill(Service service) {
        tomp3.of(service).forEach(Instance::kill);
        struck.run();
        return System.nanoTime();
    }

    private long killAll() throws InterruptedException {
        await(Step.CONVERTING);
        tomp3.instances.forEach(Instance::kill);
        struck.run();
        return System.nanoTime();
    }

    private long killTwice() throws InterruptedException {
        Instance first = converter(Step.CONVERTING);
        first.kill();
        Thread.sleep(1000);
        tomp3.of(Service.CONVERTER).stream().filter(one -> one != first).forEach(Instance::kill);
        struck.run();
        return System.nanoTime();
    }

    private long term(Instance instance) throws InterruptedException {
        long told = System.nanoTime();
        struck.run();
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

    /** Its lease is lost, another takes the job, and then it comes back and goes on. */
    private long zombie() throws IOException, InterruptedException {
        Instance converter = converter(Step.CONVERTING);
        long stopped = System.nanoTime();
        converter.signal("STOP");
        struck.run();
        Thread.sleep(PAST_THE_LEASE);
        converter.signal("CONT");
        return stopped;
    }

    private long authHangs() throws Exception {
        Instance auth = auth();
        auth.signal("STOP");
        try {
            observe(BackEnd.AUTH, HANGING);
        } finally {
            auth.signal("CONT");
        }
        return System.nanoTime();
    }

    private long authAway() throws Exception {
        Instance auth = auth();
        auth.end();
        try {
            observe(BackEnd.AUTH, AWAY);
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
            Thread.sleep(AWAY); // there is no room any more
        } finally {
            Files.delete(filler);
        }
        return System.nanoTime();
    }

    // ---- a server

    private long ends(BackEnd server, Duration away) throws Exception {
        switch (server) {
            case BROKER -> tomp3.broker.down();
            case DOCUMENTS -> tomp3.documents.down();
            case USERS -> tomp3.users.down();
            case AUTH -> throw new IllegalArgumentException("not a server");
        }
        try {
            if (away.isPositive()) observe(server, away);
        } finally {
            switch (server) {
                case BROKER -> tomp3.broker.up();
                case DOCUMENTS -> tomp3.documents.up();
                case USERS -> tomp3.users.up();
                case AUTH -> {}
            }
        }
        return System.nanoTime();
    }

    private long brokerAndConverter() throws Exception {
        Instance converter = converter(Step.CONVERTING);
        tomp3.broker.down();
        converter.kill();
        Thread.sleep(1000);
        tomp3.broker.up();
        return System.nanoTime();
    }

    private long wiped() {
        tomp3.broker.wipe();
        return System.nanoTime();
    }

    private long hangs(BackEnd server, Duration duration) throws Exception {
        tomp3.wires(server).forEach(Wire::hang);
        try {
            observe(server, duration);
        } finally {
            tomp3.wires(server).forEach(Wire::goOn);
        }
        return System.nanoTime();
    }

    private long refused(BackEnd server) throws Exception {
        for (Wire wire : tomp3.wires(server).toList()) wire.cut();
        try {
            observe(server, AWAY);
        } finally {
            for (Wire wire : tomp3.wires(server).toList()) wire.mend();
        }
        return System.nanoTime();
    }

    // ---- what users see meanwhile

    private interface Request {
        Answer send() throws IOException, InterruptedException;
    }

    /** Asks for everything while something is away: what has to answer does, the rest says so. */
    private void observe(BackEnd away, Duration duration) throws Exception {
        long start = System.nanoTime();
        Thread.sleep(300); // what was under way when it went may end either way
        URI gateway = tomp3.gateways().get(random.nextInt(2));
        Map<String, Request> requests =
                Map.of(
                        "GET /jobs",
                        () -> visitor.get(gateway, "/jobs"),
                        "GET /jobs/{id}",
                        () -> visitor.get(gateway, "/jobs/" + known.id),
                        "GET /download",
                        () -> visitor.download(gateway, known.id),
                        "POST /login",
                        () -> visitor.login(gateway),
                        "POST /upload",
                        () -> {
                            Answer answer = visitor.upload(gateway, small, null);
                            if (answer.status() == 202)
                                ledger.accepted(visitor, small, null, answer.json());
                            return answer;
                        });
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> asked = new ArrayList<>();
            for (Map.Entry<String, Request> request : requests.entrySet()) {
                Callable<?> task =
                        () -> {
                            while (System.nanoTime() - start < duration.toNanos()) {
                                ask(away, request.getKey(), request.getValue());
                                Thread.sleep(request.getKey().equals("POST /upload") ? 1000 : 300);
                            }
                            return null;
                        };
                asked.add(threads.submit(task));
            }
            for (Future<?> one : asked) one.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        long rest = duration.toMillis() - (System.nanoTime() - start) / 1_000_000;
        if (rest > 0) Thread.sleep(rest);
    }

    private void ask(BackEnd away, String what, Request request) throws InterruptedException {
        long start = System.nanoTime();
        @Nullable Duration took = null;
        boolean refused = true;
        try {
            Answer answer = request.send();
            took = since(start);
            refused = answer.status() == 503;
            int[] right = expected(away, what);
            // it says to try again, and for a moment of a busy machine that is enough
            if (answer.status() == 503 && !answer.in(right)) answer = request.send();
            if (!answer.in(right)) {
                ledger.complain(
                        Kind.WRONG,
                        "%s while %s is away: %d, not %s"
                                .formatted(what, away, answer.status(), Arrays.toString(right)));
            }
        } catch (IOException e) {
            ledger.complain(Kind.WRONG, "%s while %s is away: %s".formatted(what, away, e));
        }
        if (took == null) took = since(start);
        if (took.compareTo(HANGS) > 0) {
            ledger.complain(Kind.STUCK, "%s took %s while %s is away".formatted(what, took, away));
        } else if (refused && took.compareTo(REFUSED) > 0) {
            ledger.complain(Kind.SLOW, "%s took %s while %s is away".formatted(what, took, away));
        }
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** The visitor's token has been approved lately: it may read, and an upload may or may not. */
    private static int[] expected(BackEnd away, String what) {
        int[] answered = {200};
        return switch (away) {
            case DOCUMENTS -> what.equals("POST /login") ? answered : new int[] {503};
            case BROKER -> what.equals("POST /upload") ? new int[] {202} : answered;
            case USERS, AUTH ->
                    switch (what) {
                        case "POST /login" -> new int[] {503};
                        case "POST /upload" -> new int[] {202, 503};
                        default -> answered;
                    };
        };
    }
}
