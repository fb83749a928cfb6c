package dev.tomp3.chaos;

import dev.tomp3.chaos.Client.Answer;
import dev.tomp3.chaos.Complaint.Kind;
import dev.tomp3.chaos.Documents.Progress;
import dev.tomp3.chaos.Fault.Figure;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs the system under a bounded load, injects faults one after the other, each after the last
 * one's recovery, and at the end accounts for every upload that was accepted.
 */
final class Chaos implements AutoCloseable {
    private static final int USERS = 4;
    private static final int SLOW_ONES = 2;
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration TO_BE_DONE = Duration.ofSeconds(60);

    private final Arguments arguments;
    private final Random random;
    private final Ledger ledger = new Ledger();
    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(3))
                    .build();
    private final Deployed tomp3;
    private final Documents documents;
    private final Client administrator;

    /** Has never more than one job, so that it waits for nobody's but those under way. */
    private final Client probe;

    private final Table heavy = new Table();
    private final Table light = new Table();

    private Chaos(Arguments arguments) throws IOException {
        this.arguments = arguments;
        random = new Random(arguments.seed());
        tomp3 = new Deployed(arguments.directory(), arguments.services(), http, ledger);
        documents = new Documents(tomp3.documents.uri(), tomp3.documents.database());
        administrator = new Client(http, ledger, Deployed.ADMIN, tomp3.adminPassword);
        probe = client("probe");
    }

    /**
     * Exit status 0 when nothing was off, 1 when something was, 2 for wrong usage.
     *
     * @param args where the services are, where to keep files, and the user's own
     */
    public static void main(String[] args) throws Exception {
        Arguments arguments;
        try {
            arguments = Arguments.parse(List.of(args));
        } catch (Arguments.Wrong e) {
            System.err.println("chaos: " + e.getMessage() + " See ./chaos --help");
            System.exit(2);
            return;
        }
        boolean right;
        try (Chaos chaos = new Chaos(arguments)) {
            Thread end = new Thread(chaos::close);
            Runtime.getRuntime().addShutdownHook(end);
            right = chaos.run();
            Runtime.getRuntime().removeShutdownHook(end);
        }
        System.exit(right ? 0 : 1);
    }

    private boolean run() throws Exception {
        long start = System.nanoTime();
        List<Sample> samples =
                Sample.make(
                        Files.createDirectories(arguments.directory().resolve("samples")),
                        new Random(arguments.seed()));
        say("starting the services");
        Path disk = tomp3.smallDisk();
        tomp3.start();
        URI gateway = tomp3.gateways().getFirst();
        administrator.login(gateway);
        Client visitor = user("visitor", gateway);
        makeUser(probe, gateway);
        Upload known = convertOnce(visitor, gateway, samples);
        Client gone = user("gone", gateway);
        List<Load> loads = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < USERS; i++) {
            Load load =
                    new Load(
                            user("user-" + i, gateway),
                            tomp3.gateways(),
                            samples,
                            ledger,
                            new Random(arguments.seed() + i));
            loads.add(load);
            threads.add(Thread.ofVirtual().start(load));
        }
        LightFaults lightFaults = new LightFaults(tomp3, documents, ledger, gone, samples, random);
        Faults faults =
                new Faults(
                        tomp3, documents, ledger, visitor, known, samples.getFirst(), random, disk);
        inject(faults, lightFaults.all(), visitor, gone, samples);
        say("no more faults; everything under way comes to its end");
        ledger.enter("the end");
        loads.forEach(Load::enough);
        for (Thread thread : threads) {
            if (!thread.join(Duration.ofMinutes(3)))
                ledger.complain(Kind.STUCK, "a user still waits");
        }
        new Audit(tomp3, documents, ledger, administrator, List.of(arguments.directory()))
                .close(lightFaults.garbage());
        return report(Duration.ofNanos(System.nanoTime() - start));
    }

    private Client client(String name) {
        return new Client(http, ledger, name + "@example.org", "the password of " + name);
    }

    private Client user(String name, URI gateway) throws IOException, InterruptedException {
        return makeUser(client(name), gateway);
    }

    private Client makeUser(Client client, URI gateway) throws IOException, InterruptedException {
        Answer made =
                administrator.post(
                        gateway,
                        "/users",
                        Map.of(
                                "email",
                                client.email,
                                "password",
                                client.password,
                                "roles",
                                List.of("user")));
        if (made.status() != 201) throw new IllegalStateException("no user: " + made);
        Answer token = client.login(gateway);
        if (token.status() != 200) throw new IllegalStateException("no token: " + token);
        return client;
    }

    /** Before any fault: what each sample becomes is what it has to become ever after. */
    private Upload convertOnce(Client client, URI gateway, List<Sample> samples)
            throws InterruptedException {
        Upload first = null;
        for (Sample sample : samples) {
            Upload upload = Load.upload(client, gateway, sample, null, ledger);
            if (upload == null || !Load.awaitEnd(client, gateway, upload, ledger, TO_BE_DONE)) {
                throw new IllegalStateException("without any fault, no end of " + sample);
            }
            if (first == null) first = upload;
        }
        if (first == null || !ledger.complaints().isEmpty()) {
            throw new IllegalStateException("it is off without any fault");
        }
        return first;
    }

    private void inject(
            Faults faults,
            Map<String, Callable<?>> lights,
            Client visitor,
            Client gone,
            List<Sample> samples)
            throws Exception {
        List<Fault> order = new ArrayList<>();
        List<Fault> some =
                faults.all().stream()
                        .filter(fault ->
                                arguments.only() == null || fault.name().contains(arguments.only()))
                        .toList();
        if (some.isEmpty()) throw new IllegalStateException("no fault is named so");
        while (order.size() < arguments.faults()) {
            List<Fault> round = new ArrayList<>(some);
            Collections.shuffle(round, random);
            order.addAll(round);
        }
        List<Map.Entry<String, Callable<?>>> each = List.copyOf(lights.entrySet());
        int done = 0;
        for (int i = 0; i < arguments.faults(); i++) {
            Fault fault = order.get(i);
            one(i + 1, fault, faults, visitor, samples);
            while (done < (long) arguments.light() * (i + 1) / arguments.faults()) {
                var one = each.get(done++ % each.size());
                long _ = unsettledOf(gone);
                int underWay = ledger.enter(one.getKey()).size();
                one.getValue().call();
                light.add(one.getKey(), underWay);
            }
        }
    }

    private void one(int number, Fault fault, Faults faults, Client visitor, List<Sample> samples)
            throws Exception {
        ledger.enter(fault.name());
        // a gateway that was started anew knows no token yet, and none while auth is away
        for (URI gateway : tomp3.gateways()) visitor.get(gateway, "/jobs");
        // something that is long enough to be met
        if (unsettledOf(visitor) < SLOW_ONES) {
            for (URI gateway : tomp3.gateways())
                Load.upload(visitor, gateway, samples.get(1), null, ledger);
        }
        CompletableFuture<Duration> goingOn = new CompletableFuture<>();
        AtomicBoolean struck = new AtomicBoolean();
        Runnable watch =
                () -> {
                    if (!struck.compareAndSet(false, true)) return;
                    long at = System.nanoTime();
                    List<Progress> met = documents.in("CONVERTING");
                    Thread.ofVirtual().start(() -> goingOn.complete(jobsGoOn(at, met)));
                };
        faults.whenStruck(watch);
        long from = fault.injection().run();
        watch.run();
        int underWay = ledger.enter(fault.name()).size();
        Duration works = systemWorks(from, samples.getFirst());
        Duration goOn = goingOn.join();
        heavy.add(fault, underWay, goOn, works);
        System.out.printf(
                "%3d/%d %-50s %2d under way, jobs go on after %5s s, all works after %5s s%n",
                number,
                arguments.faults(),
                fault.name(),
                underWay,
                Table.seconds(goOn),
                Table.seconds(works));
        Duration figure = fault.figure() == Figure.JOBS_GO_ON ? goOn : works;
        if (figure.compareTo(fault.limit()) > 0) {
            ledger.complain(
                    figure.compareTo(Fault.BY_ITSELF) > 0 ? Kind.STUCK : Kind.SLOW,
                    "%s took %s".formatted(fault.figure(), figure));
        }
    }

    /** Looks at what nobody else waits for. */
    private long unsettledOf(Client client) throws InterruptedException {
        long still = 0;
        for (Upload upload : ledger.unsettled()) {
            if (upload.user != client) continue;
            try {
                if (!Load.look(client, tomp3.gateways().getFirst(), upload, ledger)) still++;
            } catch (IOException e) {
                still++;
            }
        }
        return still;
    }

    /** How long until every job that was being converted is settled, taken again, or moves. */
    private Duration jobsGoOn(long from, List<Progress> met) {
        Map<String, Progress> still = new HashMap<>();
        for (Progress job : met) still.put(job.id(), job);
        while (!still.isEmpty() && System.nanoTime() - from < TO_BE_DONE.toNanos() * 2) {
            still.values()
                    .removeIf(before -> {
                        Progress now = documents.of(before.id());
                        return now != null
                                && (now.settled()
                                        || (now.beat() != null
                                                && (now.attempt() != before.attempt()
                                                        || !now.beat().equals(before.beat()))));
                    });
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        return Duration.ofNanos(System.nanoTime() - from);
    }

    /** How long until every service is ready, and a job that is sent now is done and told. */
    private Duration systemWorks(long from, Sample sample) throws InterruptedException {
        while (System.nanoTime() - from < TO_BE_DONE.toNanos() * 2) {
            for (URI gateway : tomp3.gateways()) {
                Upload upload = Load.upload(probe, gateway, sample, null, ledger);
                if (upload != null
                        && Load.awaitEnd(probe, gateway, upload, ledger, TO_BE_DONE)
                        && told(upload, from)
                        && tomp3.ready()) return Duration.ofNanos(System.nanoTime() - from);
            }
            Thread.sleep(PAUSE);
        }
        return Duration.ofNanos(System.nanoTime() - from);
    }

    private boolean told(Upload upload, long from) throws InterruptedException {
        String id = "<" + upload.id + "@tomp3>";
        while (System.nanoTime() - from < TO_BE_DONE.toNanos() * 2) {
            if (tomp3.told(id)) return true;
            Thread.sleep(PAUSE);
        }
        return false;
    }

    private boolean report(Duration took) throws IOException {
        List<Complaint> off =
                ledger.complaints().stream()
                        .filter(one -> arguments.strict() || one.kind() != Kind.SLOW)
                        .toList();
        long lost = count(Kind.LOST) + count(Kind.STUCK);
        String summary =
                """
                %d faults of %d kinds and %d light ones of %d kinds in %d minutes, seed %d: \
                %d uploads accepted, %d lost, %d duplicated, %d orphaned, %d otherwise off, \
                %d slower than the figures
                """
                        .formatted(
                                arguments.faults(),
                                heavy.kinds(),
                                arguments.light(),
                                light.kinds(),
                                took.toMinutes(),
                                arguments.seed(),
                                ledger.all().size(),
                                lost,
                                count(Kind.DUPLICATED),
                                count(Kind.ORPHANED),
                                count(Kind.WRONG),
                                count(Kind.SLOW));
        String tables = heavy.print(ledger) + "\n" + light.print(ledger);
        System.out.println("\n" + tables + "\n" + summary);
        off.forEach(one -> System.out.println(one));
        if (arguments.report() != null)
            Files.writeString(arguments.report(), tables + "\n" + summary);
        return off.isEmpty();
    }

    private long count(Kind kind) {
        return ledger.complaints().stream().filter(one -> one.kind() == kind).count();
    }

    private static void say(String what) {
        System.out.println("chaos: " + what);
    }

    @Override
    public void close() {
        documents.close();
        tomp3.close();
    }
}
