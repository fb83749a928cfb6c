package dev.tomp3.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The results: tables in Markdown, targets, and the raw measurements. */
final class Report {
    private record Table(String title, List<String> head, List<List<String>> rows) {}

    /**
     * A target and what was measured.
     *
     * @param atMost whether less is better
     */
    record Target(String name, boolean atMost, double limit, double measured, String unit) {
        boolean met() {
            return atMost ? measured <= limit : measured >= limit;
        }

        private List<String> cells() {
            return List.of(
                    name,
                    (atMost ? "at most " : "at least ") + Spread.digits(limit) + unit,
                    Spread.digits(measured) + unit,
                    met() ? "met" : "missed");
        }
    }

    private final List<String> preface = new ArrayList<>();
    private final Map<String, Table> tables = new LinkedHashMap<>();
    private final List<Target> targets = new ArrayList<>();
    private final List<Map<String, Object>> raw = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    void preface(String line) {
        preface.add(line);
        Bench.say(line);
    }

    /** Adds a row to the table with that title, which is created if necessary. */
    void row(String title, List<String> head, List<String> row) {
        tables.computeIfAbsent(title, _ -> new Table(title, head, new ArrayList<>())).rows.add(row);
        Bench.say(title + ": " + String.join(" | ", row));
    }

    void atMost(String name, double limit, double measured, String unit) {
        add(new Target(name, true, limit, measured, unit));
    }

    void atLeast(String name, double limit, double measured, String unit) {
        add(new Target(name, false, limit, measured, unit));
    }

    private void add(Target target) {
        targets.add(target);
        Bench.say(String.join(" | ", target.cells()));
    }

    /** Adds a raw measurement. */
    void raw(String row, Map<String, Object> measurement) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("row", row);
        all.putAll(measurement);
        raw.add(all);
    }

    void note(String note) {
        notes.add(note);
        Bench.say(note);
    }

    String markdown() {
        StringBuilder text = new StringBuilder();
        preface.forEach(line -> text.append("- ").append(line).append('\n'));
        for (Table table : tables.values()) append(text, table.title, table.head, table.rows);
        if (!targets.isEmpty()) {
            append(
                    text,
                    "Targets",
                    List.of("measurement", "target", "measured", ""),
                    targets.stream().map(Target::cells).toList());
        }
        if (!notes.isEmpty()) text.append('\n');
        notes.forEach(line -> text.append("- ").append(line).append('\n'));
        return text.toString();
    }

    private static void append(
            StringBuilder text, String title, List<String> head, List<List<String>> rows) {
        String[] dashes = new String[head.size()];
        Arrays.fill(dashes, "---");
        text.append("\n## ").append(title).append("\n\n").append(line(head));
        text.append(line(List.of(dashes)));
        rows.forEach(row -> text.append(line(row)));
    }

    private static String line(List<String> cells) {
        return cells.stream().collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    void write(Path directory) throws IOException {
        Files.writeString(directory.resolve("report.md"), markdown());
        Files.writeString(
                directory.resolve("measurements.json"),
                JsonMapper.builder()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build()
                        .writeValueAsString(Map.of("targets", targets, "measurements", raw)));
    }
}
