package dev.tomp3.bench;

import dev.tomp3.embedded.FreePort;
import dev.tomp3.processes.Servers;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Rates of small requests, measured in turns with those of controllers that do nothing. */
final class Requests {
    private static final String TITLE = "Requests";
    private static final List<String> HEAD =
            List.of("request", "a second", "CPU of its service a request, ms");
    private static final int CONNECTIONS = 4;

    private final Report report;
    private final int rounds;
    private final Duration time;
    private final int warmUps;

    Requests(Report report, boolean quick) {
        this.report = report;
        rounds = quick ? 2 : 5;
        time = Duration.ofSeconds(quick ? 1 : 3);
        warmUps = quick ? 2 : 20;
    }

    private record Kind(URI address, String request, int status, Program server) {}

    private record Turn(double aSecond, double cpu) {}

    void measure(SeparateProcesses tomp3, User user, Path tiny, Path directory)
            throws IOException, InterruptedException {
        String job = user.trip(tiny, Duration.ofMillis(20)).job();
        int port = FreePort.next();
        URI baseline = URI.create("http://127.0.0.1:" + port);
        List<String> options = new ArrayList<>(SeparateProcesses.JVM_OPTIONS);
        options.add(Program.gcOption(directory, "baseline"));
        List<String> command =
                Servers.java(
                        options,
                        List.of(System.getProperty("java.class.path")),
                        Baseline.class.getName());
        command.add(Integer.toString(port));
        try (Program empty =
                new Program(
                        "baseline",
                        directory,
                        command,
                        Map.of(
                                "MONGODB_URI", tomp3.servers.mongo.uri(),
                                "BASELINE_DATABASE", tomp3.servers.mongo.database()))) {
            String nothing = get(baseline, "/empty");
            tomp3.await(() -> {
                empty.checkAlive();
                return answers(baseline, nothing);
            });
            Map<String, Kind> kinds = new LinkedHashMap<>();
            Program gateway = tomp3.program("gateway");
            kinds.put("empty controller", new Kind(baseline, nothing, 200, empty));
            kinds.put(
                    "empty controller and one read",
                    new Kind(baseline, get(baseline, "/read/" + job), 200, empty));
            kinds.put(
                    "GET /jobs/{id}",
                    new Kind(tomp3.gateway(), user.request("GET", "/jobs/" + job), 200, gateway));
            kinds.put(
                    "rejected token",
                    new Kind(tomp3.gateway(), user.refusedRequest("/jobs/" + job), 401, gateway));
            kinds.put(
                    "POST /login",
                    new Kind(tomp3.gateway(), user.loginRequest(), 200, tomp3.program("auth")));
            compare(kinds);
        }
    }

    private void compare(Map<String, Kind> kinds) throws IOException, InterruptedException {
        Map<String, List<Turn>> turns = new LinkedHashMap<>();
        for (Kind kind : kinds.values()) {
            warmUp(kind);
        }
        for (int i = 0; i < rounds; i++) {
            for (Map.Entry<String, Kind> each : kinds.entrySet()) {
                Kind kind = each.getValue();
                Usage before = Usage.of(kind.server.pid());
                Load.Done done = load(kind, time);
                double cpu = Usage.of(kind.server.pid()).since(before).cpu() / done.requests();
                turns.computeIfAbsent(each.getKey(), _ -> new ArrayList<>())
                        .add(new Turn(done.aSecond(), cpu));
            }
        }
        turns.forEach((name, all) -> {
            report.row(
                    TITLE,
                    HEAD,
                    List.of(
                            name,
                            Spread.of(all.stream().map(Turn::aSecond).toList()).toString(),
                            Spread.of(all.stream().map(turn -> 1e3 * turn.cpu).toList())
                                    .toString()));
            report.raw("requests", Map.of("request", name, "turns", all));
        });
        compareRates(turns, "GET /jobs/{id}", "empty controller and one read");
        compareRates(turns, "rejected token", "empty controller");
    }

    /** Sends requests until the rate stops growing: the JIT compiler takes about a minute. */
    private void warmUp(Kind kind) throws IOException, InterruptedException {
        double best = 0;
        int slower = 0;
        for (int i = 0; i < warmUps && slower < 3; i++) {
            double aSecond = load(kind, time).aSecond();
            slower = aSecond > 1.02 * best ? 0 : slower + 1;
            best = Math.max(best, aSecond);
        }
    }

    private static Load.Done load(Kind kind, Duration time)
            throws IOException, InterruptedException {
        return Load.run(kind.address, kind.request, kind.status, CONNECTIONS, time);
    }

    private void compareRates(Map<String, List<Turn>> turns, String name, String against) {
        List<Turn> rates = turns.getOrDefault(name, List.of());
        List<Turn> best = turns.getOrDefault(against, List.of());
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < rates.size(); i++)
            ratios.add(rates.get(i).aSecond / best.get(i).aSecond);
        report.atLeast(name + " against " + against, 0.7, Spread.of(ratios).median(), " x");
    }

    private static String get(URI address, String path) {
        return "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n".formatted(path, address.getAuthority());
    }

    private static boolean answers(URI address, String request) {
        try (Connection connection = new Connection(address)) {
            connection.send(request);
            return connection.answer(false).status() == 200;
        } catch (IOException e) {
            return false; // it is still starting
        }
    }
}
