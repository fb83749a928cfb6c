package dev.tomp3.chaos;

import dev.tomp3.chaos.Complaint.Kind;
import dev.tomp3.chaos.Fault.Figure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
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
        boolean measured = rows.values().stream().anyMatch(row -> !row.works.isEmpty());
        StringBuilder table =
                new StringBuilder("| fault | times | jobs under way | lost | duplicated |");
        if (measured) table.append(" jobs go on after, s | all works after, s | figure |");
        table.append("\n| --- | --- | --- | --- | --- |");
        if (measured) table.append(" --- | --- | --- |");
        rows.forEach((name, row) -> {
            table.append(
                    "%n| %s | %d | %d | %d | %d |"
                            .formatted(
                                    name,
                                    row.times,
                                    row.underWay,
                                    ledger.complaints(Kind.LOST, name)
                                            + ledger.complaints(Kind.STUCK, name),
                                    ledger.complaints(Kind.DUPLICATED, name)));
            if (measured) {
                table.append(
                        " %s | %s | %s |"
                                .formatted(spread(row.goOn), spread(row.works), row.limit));
            }
        });
        return table.append("\n").toString();
    }

    /** The shortest and the longest. */
    private static String spread(List<Duration> durations) {
        String shortest = seconds(Collections.min(durations));
        String longest = seconds(Collections.max(durations));
        return shortest.equals(longest) ? longest : shortest + " to " + longest;
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f", duration.toMillis() / 1000.0);
    }
}
