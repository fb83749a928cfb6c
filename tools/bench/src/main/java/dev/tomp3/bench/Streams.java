package dev.tomp3.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tomp3.embedded.FreePort;
import dev.tomp3.jobs.Attempts;
import dev.tomp3.jobs.ClaimQueue;
import dev.tomp3.jobs.IncomingUploads;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Options;
import dev.tomp3.platform.ApiKey;
import dev.tomp3.platform.Dependency;
import dev.tomp3.processes.CommandLine;
import dev.tomp3.processes.Servers;
import dev.tomp3.processes.Service;
import dev.tomp3.processes.UsageError;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Thousands of clients that wait on one gateway: event streams, and requests with {@code Prefer:
 * wait}. Prints the heap and the CPU time of the gateway, and how long after the end of a job its
 * clients know it. Nothing is converted, and a stub stands for auth; the broker and the store are
 * embedded in this process.
 */
final class Streams implements AutoCloseable {
    private static final int STREAMS_PER_USER = 20;
    private static final int JOBS_PER_SECOND = 20;

    /** Requests at the same time: the gateway is not measured while streams are opened. */
    private static final int OPENING = 32;

    private static final int QUIET_SECONDS = 20;
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final String HOST = LOOPBACK.getHostAddress();

    private final Map<String, String> users = new ConcurrentHashMap<>();
    private final Map<String, Long> ended = new ConcurrentHashMap<>();
    private final Queue<Double> streamDelays = new ConcurrentLinkedQueue<>();
    private final Queue<Double> waiterDelays = new ConcurrentLinkedQueue<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
    private final Servers servers;
    private final HttpServer auth;
    private final Program gateway;
    private final int port;

    private Streams(Path services, Path directory, String heap) throws IOException {
        servers = new Servers(services, directory);
        auth = HttpServer.create(new InetSocketAddress(LOOPBACK, 0), 0);
        auth.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        auth.createContext("/", this::introspect);
        auth.start();
        port = FreePort.next();
        Map<String, String> environment = new HashMap<>(SystemUnderTest.RAISED_LIMITS);
        environment.putAll(Servers.jobEnvironment(servers.mongo.uri(), servers.broker.settings()));
        environment.put("BIND", HOST);
        environment.put("GATEWAY_PORT", Integer.toString(port));
        environment.put("AUTH_SVC_ADDRESS", HOST + ":" + auth.getAddress().getPort());
        environment.put("MEDIA_STORE", "files:" + directory.resolve("media"));
        List<String> options = new ArrayList<>(SeparateProcesses.JVM_OPTIONS);
        options.add("-Xmx" + heap);
        options.add(Program.gcOption(directory, "gateway"));
        gateway =
                new Program(
                        "gateway",
                        directory,
                        Servers.command(
                                options,
                                servers.classPath(Service.GATEWAY),
                                Service.GATEWAY,
                                servers.sources(Service.GATEWAY)),
                        environment);
    }

    /**
     * Prints a table.
     *
     * @param args the directories of the services and of temporary files, then the arguments of the
     *     user
     */
    public static void main(String[] args) throws Exception {
        int streams = 5000;
        int waiters = 1000;
        String heap = "384m";
        CommandLine line = new CommandLine(List.of(args));
        Path services = Path.of(line.next());
        Path temporary = Path.of(line.next());
        try {
            while (line.hasNext()) {
                String option = line.next();
                switch (option) {
                    case "--streams" -> streams = Math.toIntExact(line.number(option, 0));
                    case "--waiters" -> waiters = Math.toIntExact(line.number(option, 1));
                    case "--heap" -> heap = line.value(option);
                    default -> throw CommandLine.unknown(option);
                }
            }
        } catch (UsageError e) {
            System.err.println("bench: " + e.getMessage() + "; see ./bench --help");
            System.exit(2);
            return;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(ChildProcesses::endAll));
        Path directory = Files.createTempDirectory(temporary, "tomp3-bench-streams");
        try (Streams bench = new Streams(services, directory, heap)) {
            bench.measure(streams, waiters, heap);
        }
        System.exit(0);
    }

    private void introspect(HttpExchange exchange) throws IOException {
        try (exchange) {
            String sent = exchange.getRequestHeaders().getFirst("Authorization");
            String user = sent == null ? null : users.get(sent.substring("Bearer ".length()));
            String body =
                    user == null
                            ? "{\"keys\":[]}"
                            : """
                            {"sub":"%s","email":"%1$s@example.org","admin":false,"confirmed":true,\
                            "registration_open":false,\
                            "scopes":["jobs:read"]}\
                            """
                                    .formatted(user);
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private void measure(int streams, int waiters, String heap) throws Exception {
        List<String> keys = new ArrayList<>();
        SecureRandom random = new SecureRandom();
        for (int i = 0; i < Math.max(1, (streams + STREAMS_PER_USER - 1) / STREAMS_PER_USER); i++) {
            keys.add(ApiKey.random(random));
            users.put(keys.getLast(), "user-" + i);
        }
        try (ConfigurableApplicationContext worker =
                StoreBacklog.start(servers.broker, servers.mongo)) {
            for (Dependency dependency : worker.getBeansOfType(Dependency.class).values())
                if (!dependency.name().equals("media")) dependency.initialize();
            awaitReady();
            report("with no clients", heap, quiet());
            List<Job> jobs = jobs(worker, waiters, keys.size());
            for (int i = 0; i < streams; i++) {
                connect(keys.get(i % keys.size()), null);
                awaitOpen(i - OPENING);
            }
            awaitOpen(streams);
            report("with %,d streams".formatted(streams), heap, quiet());
            for (Job job : jobs) connect(keyOf(job, keys), job.id());
            Thread.sleep(3000);
            report("and with %,d waiting requests".formatted(waiters), heap, quiet());
            double before = Usage.of(gateway.pid()).cpu();
            long start = System.nanoTime();
            settle(worker.getBean(ClaimQueue.class), worker.getBean(Attempts.class), jobs.size());
            double seconds = (System.nanoTime() - start) / 1e9;
            report(
                    "while %d jobs a second end".formatted(JOBS_PER_SECOND),
                    heap,
                    100 * (Usage.of(gateway.pid()).cpu() - before) / seconds);
            Thread.sleep(5000);
            delays("event", streamDelays, (long) streams * waiters / keys.size());
            delays("answer", waiterDelays, waiters);
            System.out.println("connections lost: " + lost);
        }
    }

    private static String keyOf(Job job, List<String> keys) {
        return keys.get(Integer.parseInt(job.owner().id().substring("user-".length())));
    }

    private List<Job> jobs(ConfigurableApplicationContext worker, int count, int owners) {
        IncomingUploads uploads = worker.getBean(IncomingUploads.class);
        List<Job> queued = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String id = "user-" + i % owners;
            Job upload =
                    uploads.begin(
                            new Job.Owner(id, id + "@example.org", false),
                            "a.mp4",
                            Options.NONE,
                            1000);
            queued.add(uploads.accept(upload, 1000, null).orElseThrow());
        }
        return queued;
    }

    private void settle(ClaimQueue queue, Attempts attempts, int jobs) throws InterruptedException {
        long start = System.nanoTime();
        for (int i = 0; i < jobs; i++) {
            long due = start + i * 1_000_000_000L / JOBS_PER_SECOND;
            long left = (due - System.nanoTime()) / 1_000_000;
            if (left > 0) Thread.sleep(left);
            Job job = queue.claim("bench").orElseThrow();
            ended.put(job.id(), System.nanoTime());
            if (!attempts.succeed(job, new Job.Result(1000, 1000, List.of())))
                throw new IllegalStateException("the job is gone");
        }
    }

    /** A stream, or a request that waits for a job. */
    private void connect(String key, @Nullable String job) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(16 * 1024);
        socket.connect(new InetSocketAddress(LOOPBACK, port), 30_000);
        sockets.add(socket);
        String path = job == null ? "/events" : "/jobs/" + job;
        socket.getOutputStream()
                .write(
                        "GET %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nPrefer: wait=300\r\n\r\n"
                                .formatted(path, HOST, key)
                                .getBytes(StandardCharsets.US_ASCII));
        Thread.ofVirtual().start(() -> read(socket, key, job));
    }

    private void read(Socket socket, String key, @Nullable String waited) {
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8),
                        1024)) {
            String status = lines.readLine();
            if (status != null && status.contains(" 503")) {
                // auth did not answer in time
                again(key, waited);
                return;
            }
            if (waited != null) {
                delay(waited, waiterDelays);
                if (status == null || !status.contains(" 200")) lost.incrementAndGet();
                return;
            }
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("retry:")) open.incrementAndGet();
                if (line.startsWith("data: {\"id\"") && line.contains("\"status\":\"done\""))
                    delay(line.substring(13, 37), streamDelays);
            }
            lost.incrementAndGet();
        } catch (IOException e) {
            lost.incrementAndGet();
        }
    }

    private void again(String key, @Nullable String waited) throws IOException {
        try {
            Thread.sleep(1000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        connect(key, waited);
    }

    private void delay(String job, Queue<Double> delays) {
        Long end = ended.get(job);
        if (end != null) delays.add((System.nanoTime() - end) / 1e6);
    }

    private void awaitReady() throws IOException, InterruptedException {
        for (int i = 0; i < 600; i++) {
            gateway.checkAlive();
            try (Socket socket = new Socket(LOOPBACK, port)) {
                socket.getOutputStream()
                        .write(
                                "GET /health/ready HTTP/1.0\r\nHost: localhost\r\n\r\n"
                                        .getBytes(StandardCharsets.US_ASCII));
                if (new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                        .startsWith("HTTP/1.1 200")) return;
            } catch (IOException e) {
                // it is still starting
            }
            Thread.sleep(200);
        }
        throw new IOException("the gateway did not become ready");
    }

    private void awaitOpen(int streams) throws IOException, InterruptedException {
        for (int i = 0; i < 6000 && open.get() < streams; i++) Thread.sleep(20);
        if (open.get() < streams)
            throw new IOException("only " + open + " streams are open; " + lost + " are lost");
    }

    /** CPU time in a second of waiting, in per cent of a core. */
    private double quiet() throws IOException, InterruptedException {
        double before = Usage.of(gateway.pid()).cpu();
        Thread.sleep(QUIET_SECONDS * 1000L);
        return 100 * (Usage.of(gateway.pid()).cpu() - before) / QUIET_SECONDS;
    }

    private void report(String what, String heap, double cpu)
            throws IOException, InterruptedException {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        new ProcessBuilder(jcmd, Long.toString(gateway.pid()), "GC.run")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        Thread.sleep(1000);
        List<String> lines = gateway.gc.lines();
        System.out.printf(
                Locale.ROOT,
                "%s: %s of -Xmx%s, CPU %.1f %% of a core, peak resident %d MB%n",
                what,
                lines.isEmpty() ? "?" : lines.getLast().replaceAll(".*->(\\d+M)\\(.*", "$1 live"),
                heap,
                cpu,
                gateway.peak());
    }

    private static void delays(String what, Queue<Double> measured, long expected) {
        double[] all = measured.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        if (all.length == 0) {
            System.out.println("no " + what);
            return;
        }
        System.out.printf(
                Locale.ROOT,
                "%s: %,d of %,d; delay median %.0f ms, p99 %.0f ms, longest %.0f ms%n",
                what,
                all.length,
                expected,
                all[all.length / 2],
                all[all.length * 99 / 100],
                Arrays.stream(all).max().orElseThrow());
    }

    @Override
    public void close() throws IOException {
        for (Socket socket : sockets) socket.close();
        gateway.close();
        auth.stop(0);
        servers.close();
    }
}
