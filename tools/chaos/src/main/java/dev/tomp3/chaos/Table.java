package dev.tomp3.chaos;

import dev.tomp3.chaos.Fault.Target;
import dev.tomp3.chaos.Violation.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The faults and their consequences, as a Markdown table. */
final class Table {
    private static final class Row {
        private int times;
        private int inProgress;
        private final List<Duration> resumed = new ArrayList<>();
        private final List<Duration> recovered = new ArrayList<>();
        private String limit = "";
    }

    private final Map<String, Row> rows = new LinkedHashMap<>();

    void add(Fault fault, int inProgress, Duration resumed, Duration recovered) {
        Row row = rows.computeIfAbsent(fault.name(), _ -> new Row());
        row.times++;
        row.inProgress += inProgress;
        row.resumed.add(resumed);
        row.recovered.add(recovered);
        if (!fault.limit().equals(Fault.RECOVERY_LIMIT)) {
            row.limit =
                    "%s within %d s"
                            .formatted(
                                    fault.target() == Target.JOBS_RESUMED
                                            ? "jobs resumed"
                                            : "recovered",
                                    fault.limit().toSeconds());
        }
    }

    void add(String light, int inProgress) {
        Row row = rows.computeIfAbsent(light, _ -> new Row());
        row.times++;
        row.inProgress += inProgress;
    }

    int kinds() {
        return rows.size();
    }

    String print(Ledger ledger) {
        boolean measured = rows.values().stream().anyMatch(row -> !row.recovered.isEmpty());
        StringBuilder table =
                new StringBuilder("| fault | times | jobs in progress | lost | duplicated |");
        if (measured) table.append(" jobs resumed after, s | recovered after, s | target |");
        table.append("\n| --- | --- | --- | --- | --- |");
        if (measured) table.append(" --- | --- | --- |");
        rows.forEach((name, row) -> {
            table.append(
                    "%n| %s | %d | %d | %d | %d |"
                            .formatted(
                                    name,
                                    row.times,
                                    row.inProgress,
                                    ledger.violations(Kind.LOST, name),
                                    ledger.violations(Kind.DUPLICATED, name)));
            if (measured) {
                table.append(
                        " %s | %s | %s |"
                                .formatted(spread(row.resumed), spread(row.recovered), row.limit));
            }
        });
        return table.append("\n").toString();
    }

    /** The minimum and the maximum. */
    private static String spread(List<Duration> durations) {
        String shortest = seconds(Collections.min(durations));
        String longest = seconds(Collections.max(durations));
        return shortest.equals(longest) ? longest : shortest + " to " + longest;
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f", duration.toMillis() / 1000.0);
    }
}
