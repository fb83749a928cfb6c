package dev.tomp3.chaos;

import dev.tomp3.chaos.Client.Answer;
import dev.tomp3.chaos.Database.Progress;
import dev.tomp3.chaos.Fault.Target;
import dev.tomp3.chaos.Violation.Kind;
import dev.tomp3.processes.UsageError;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs the system under a bounded load and injects faults one after the other, each after the
 * recovery from the last one. At the end accounts for every upload that was accepted.
 */
final class Chaos implements AutoCloseable {
    private static final int USERS = 4;
    private static final int SLOW_JOBS = 2;
    private static final Duration CONVERSION_TIMEOUT = Duration.ofMinutes(5);

    private final Arguments arguments;
    private final Random random;
    private final Ledger ledger = new Ledger();
    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(3))
                    .build();
    private final Deployment tomp3;
    private final Database database;
    private final Client administrator;

    private final Recovery recovery;

    private final Table heavy = new Table();
    private final Table light = new Table();

    private Chaos(Arguments arguments) throws IOException {
        this.arguments = arguments;
        random = new Random(arguments.seed());
        tomp3 = new Deployment(arguments.directory(), arguments.services(), http, ledger);
        database = new Database(tomp3.servers.mongo.uri(), tomp3.servers.mongo.database());
        administrator = new Client(http, ledger, Deployment.ADMIN, tomp3.adminPassword);
        recovery = new Recovery(tomp3, database, ledger, client("probe"));
    }

    /**
     * Exits with status 0 if there was no violation, 1 if there was one, 2 after a usage error.
     *
     * @param args the directories of the services and of this run, then the arguments of the user
     */
    public static void main(String[] args) throws Exception {
        Arguments arguments;
        try {
            arguments = Arguments.parse(List.of(args));
        } catch (UsageError e) {
            System.err.println("chaos: " + e.getMessage() + "; see ./chaos --help");
            System.exit(2);
            return;
        }
        boolean passed;
        try (Chaos chaos = new Chaos(arguments)) {
            Thread end = new Thread(chaos::close);
            Runtime.getRuntime().addShutdownHook(end);
            passed = chaos.run();
            Runtime.getRuntime().removeShutdownHook(end);
        }
        System.exit(passed ? 0 : 1);
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
        Answer _ = retried("log in", 200, () -> administrator.login(gateway));
        Client observer = user("observer", gateway);
        createUser(recovery.probe, gateway);
        Upload known = convertOnce(observer, gateway, samples);
        Client gone = user("gone", gateway);
        List<Load> loads = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < USERS; i++) {
            Client user = user("user-" + i, gateway);
            Answer _ =
                    retried(
                            "add a webhook",
                            201,
                            () -> user.post(gateway, "/webhooks", tomp3.webhooks.webhook()));
            tomp3.webhooks.add(user);
            Load load =
                    new Load(
                            user,
                            tomp3.gateways(),
                            samples,
                            ledger,
                            new Random(arguments.seed() + i));
            loads.add(load);
            threads.add(Thread.ofVirtual().start(load));
        }
        LightFaults lightFaults = new LightFaults(tomp3, database, ledger, gone, samples, random);
        Faults faults =
                new Faults(
                        tomp3, database, ledger, observer, known, samples.getFirst(), random, disk);
        inject(faults, lightFaults.all(), observer, gone, samples);
        say("no more faults; waiting for all jobs to end");
        ledger.enter("the end");
        loads.forEach(Load::stop);
        for (Thread thread : threads) {
            if (!thread.join(Duration.ofMinutes(3)))
                ledger.report(Kind.STUCK, "a user is still waiting");
        }
        tomp3.lookForStrays();
        new Audit(tomp3, database, ledger, administrator, List.of(arguments.directory()))
                .run(lightFaults.garbage());
        return report(Duration.ofNanos(System.nanoTime() - start));
    }

    private Client client(String name) {
        return new Client(http, ledger, name + "@example.org", "the password of " + name);
    }

    private Client user(String name, URI gateway) throws IOException, InterruptedException {
        return createUser(client(name), gateway);
    }

    private Client createUser(Client client, URI gateway) throws IOException, InterruptedException {
        Map<String, Object> user =
                Map.of(
                        "email", client.email,
                        "password", client.password,
                        "roles", List.of("user"));
        Answer _ = retried("create a user", 201, () -> administrator.post(gateway, "/users", user));
        Answer _ = retried("log in", 200, () -> client.login(gateway));
        return client;
    }

    private interface Request {
        Answer send() throws IOException, InterruptedException;
    }

    /** Repeats a request that a busy machine answers with 503. */
    private static Answer retried(String what, int expected, Request request)
            throws IOException, InterruptedException {
        Answer answer = request.send();
        for (int i = 0; i < 30 && answer.status() == 503; i++) {
            Thread.sleep(1000);
            answer = request.send();
        }
        if (answer.status() != expected)
            throw new IllegalStateException("cannot " + what + ": " + answer);
        return answer;
    }

    /** Converts each sample before any fault; later results are compared with these. */
    private Upload convertOnce(Client client, URI gateway, List<Sample> samples)
            throws InterruptedException {
        Upload first = null;
        for (Sample sample : samples) {
            Upload upload = Load.upload(client, gateway, sample, null, ledger);
            for (int i = 0; i < 30 && upload == null; i++) {
                Thread.sleep(1000); // a busy machine
                upload = Load.upload(client, gateway, sample, null, ledger);
            }
            if (upload == null
                    || !Load.awaitEnd(client, gateway, upload, ledger, CONVERSION_TIMEOUT)) {
                throw new IllegalStateException(sample + " was not converted, without any fault");
            }
            if (first == null) first = upload;
        }
        if (first == null || !ledger.violations().isEmpty()) {
            throw new IllegalStateException("there are violations without any fault");
        }
        return first;
    }

    private void inject(
            Faults faults,
            Map<String, Callable<?>> lights,
            Client observer,
            Client gone,
            List<Sample> samples)
            throws Exception {
        List<Fault> order = new ArrayList<>();
        List<Fault> some =
                faults.all().stream().filter(fault -> arguments.includes(fault.name())).toList();
        if (some.isEmpty()) throw new IllegalStateException("no fault matches --only");
        while (order.size() < arguments.faults()) {
            List<Fault> round = new ArrayList<>(some);
            Collections.shuffle(round, random);
            order.addAll(round);
        }
        List<Map.Entry<String, Callable<?>>> each = List.copyOf(lights.entrySet());
        int done = 0;
        for (int i = 0; i < arguments.faults(); i++) {
            Fault fault = order.get(i);
            one(i + 1, fault, faults, observer, samples);
            while (done < (long) arguments.light() * (i + 1) / arguments.faults()) {
                var one = each.get(done++ % each.size());
                long _ = countUnsettled(gone);
                int inProgress = ledger.enter(one.getKey()).size();
                one.getValue().call();
                light.add(one.getKey(), inProgress);
            }
        }
    }

    private void one(int number, Fault fault, Faults faults, Client observer, List<Sample> samples)
            throws Exception {
        ledger.enter(fault.name());
        // a restarted gateway has an empty token cache, and cannot fill it while auth is away
        for (URI gateway : tomp3.gateways()) observer.get(gateway, "/jobs");
        // jobs that are long enough to be hit by the fault
        if (countUnsettled(observer) < SLOW_JOBS) {
            for (URI gateway : tomp3.gateways())
                Load.upload(observer, gateway, samples.get(1), null, ledger);
        }
        CompletableFuture<Duration> resumption = new CompletableFuture<>();
        AtomicBoolean injected = new AtomicBoolean();
        Runnable watch =
                () -> {
                    if (!injected.compareAndSet(false, true)) return;
                    long at = System.nanoTime();
                    List<Progress> converting = database.in("CONVERTING");
                    Thread.ofVirtual()
                            .start(() -> resumption.complete(recovery.jobsResumed(at, converting)));
                };
        faults.onInjected(watch);
        long from = fault.injection().run();
        watch.run();
        int inProgress = ledger.enter(fault.name()).size();
        Duration recovered = recovery.systemRecovered(from, samples.getFirst());
        Duration resumed = resumption.join();
        heavy.add(fault, inProgress, resumed, recovered);
        System.out.printf(
                "%3d/%d %-50s %2d jobs in progress, resumed after %5s s, recovered after %5s s%n",
                number,
                arguments.faults(),
                fault.name(),
                inProgress,
                Table.seconds(resumed),
                Table.seconds(recovered));
        Duration measured = fault.target() == Target.JOBS_RESUMED ? resumed : recovered;
        if (measured.compareTo(fault.limit()) > 0) {
            ledger.report(
                    measured.compareTo(Fault.RECOVERY_LIMIT) > 0 ? Kind.STUCK : Kind.SLOW,
                    "%s took %s".formatted(fault.target(), measured));
        }
    }

    /** Updates the jobs of a client that nothing else polls, and counts the unsettled ones. */
    private long countUnsettled(Client client) throws InterruptedException {
        long unsettled = 0;
        for (Upload upload : ledger.unsettled()) {
            if (upload.user != client) continue;
            try {
                if (!Load.check(client, tomp3.gateways().getFirst(), upload, ledger)) unsettled++;
            } catch (IOException e) {
                unsettled++;
            }
        }
        return unsettled;
    }

    private boolean report(Duration took) throws IOException {
        List<Violation> counted =
                ledger.violations().stream()
                        .filter(one -> arguments.strict() || one.kind() != Kind.SLOW)
                        .toList();
        String summary =
                """
                %d faults of %d kinds and %d light ones of %d kinds in %d minutes, seed %d: \
                %d uploads accepted, %s; %d lost, %d duplicated, %d orphaned, %d stuck, \
                %d other violations, %d slower than the targets; %s
                """
                        .formatted(
                                arguments.faults(),
                                heavy.kinds(),
                                arguments.light(),
                                light.kinds(),
                                took.toMinutes(),
                                arguments.seed(),
                                ledger.all().size(),
                                ledger.resumableUploads(),
                                count(Kind.LOST),
                                count(Kind.DUPLICATED),
                                count(Kind.ORPHANED),
                                count(Kind.STUCK),
                                count(Kind.WRONG),
                                count(Kind.SLOW),
                                tomp3.webhooks.summary());
        String tables = heavy.print(ledger) + "\n" + light.print(ledger);
        System.out.println("\n" + tables + "\n" + summary);
        counted.forEach(one -> System.out.println(one));
        if (arguments.report() != null)
            Files.writeString(arguments.report(), tables + "\n" + summary);
        return counted.isEmpty();
    }

    private long count(Kind kind) {
        return ledger.violations().stream().filter(one -> one.kind() == kind).count();
    }

    private static void say(String what) {
        System.out.println("chaos: " + what);
    }

    @Override
    public void close() {
        database.close();
        tomp3.close();
    }
}
