package dev.tomp3.chaos;

import dev.tomp3.chaos.Complaint.Kind;
import dev.tomp3.chaos.Fault.Figure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What was injected and what came of it, in Markdown. */
final class Table {
    private static final class Row {
        private int times;
        private int underWay;
        private final List<Duration> goOn = new ArrayList<>();
        private final List<Duration> works = new ArrayList<>();
        private String limit = "";
    }

    private final Map<String, Row> rows = new LinkedHashMap<>();

    void add(Fault fault, int underWay, Duration goOn, Duration works) {
        Row row = rows.computeIfAbsent(fault.name(), _ -> new Row());
        row.times++;
        row.underWay += underWay;
        row.goOn.add(goOn);
        row.works.add(works);
        if (!fault.limit().equals(Fault.BY_ITSELF)) {
            row.limit =
                    "%s within %d s"
                            .formatted(
                                    fault.figure() == Figure.JOBS_GO_ON
                                            ? "jobs go on"
                                            : "all works",
                                    fault.limit().toSeconds());
        }
    }

    void add(String light, int underWay) {
        Row row = rows.computeIfAbsent(light, _ -> new Row());
        row.times++;
        row.underWay += underWay;
    }

    int kinds() {
        return rows.size();
    }

    String print(Ledger ledger) {
        StringBuilder table = new StringBuilder();
        table.append(
                """
                | fault | times | jobs under way | lost | duplicated | jobs go on after, s | all works after, s | figure |
                | --- | --- | --- | --- | --- | --- | --- | --- |
                """);
        rows.forEach((name, row) ->
                table.append(
                        "| %s | %d | %d | %d | %d | %s | %s | %s |%n"
                                .formatted(
                                        name,
                                        row.times,
                                        row.underWay,
                                        ledger.complaints(Kind.LOST, name)
                                                + ledger.complaints(Kind.STUCK, name),
                                        ledger.complaints(Kind.DUPLICATED, name),
                                        spread(row.goOn),
                                        spread(row.works),
                                        row.limit)));
        return table.toString();
    }

    /** The median, and the longest when there are several. */
    private static String spread(List<Duration> durations) {
        if (durations.isEmpty()) return "";
        List<Duration> sorted = durations.stream().sorted().toList();
        String median = seconds(sorted.get(sorted.size() / 2));
        return sorted.size() == 1 ? median : median + " to " + seconds(sorted.getLast());
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f", duration.toMillis() / 1000.0);
    }
}
