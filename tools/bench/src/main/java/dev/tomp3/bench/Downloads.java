package dev.tomp3.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Downloads of one MP3, by one client and by many. */
final class Downloads {
    private static final String TITLE = "Downloads";
    private static final List<String> HEAD =
            List.of("clients", "store", "MB a second", "CPU a GB, s", "memory, MB");
    private static final Duration TIME = Duration.ofSeconds(5);

    private Downloads() {}

    static void measure(Report report, SystemUnderTest tomp3, User user, Path video, String store)
            throws IOException, InterruptedException {
        String job = user.trip(video, Duration.ofMillis(20)).job();
        String request = user.request("GET", "/download?fid=" + job);
        Load.Done _ = Load.run(tomp3.gateway(), request, 200, 1, TIME);
        for (int clients : new int[] {1, 50}) {
            try (Watch watch = new Watch(tomp3)) {
                Usage before = tomp3.usage();
                Load.Done done = Load.run(tomp3.gateway(), request, 200, clients, TIME);
                Usage used = tomp3.usage().since(before);
                report.row(
                        TITLE,
                        HEAD,
                        List.of(
                                Integer.toString(clients),
                                store,
                                Spread.digits(done.bytes() / 1e6 / done.seconds()),
                                Spread.digits(used.cpu() / (done.bytes() / 1e9)),
                                watch.memory().toString()));
                report.raw(
                        "downloads",
                        Map.of("clients", clients, "store", store, "done", done, "usage", used));
            }
        }
        user.delete(job);
    }
}
