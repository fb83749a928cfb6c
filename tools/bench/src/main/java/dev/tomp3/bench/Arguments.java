package dev.tomp3.bench;

import dev.tomp3.processes.CommandLine;
import dev.tomp3.processes.UsageError;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The parsed command line.
 *
 * @param project the directory of {@code ./run}
 * @param services the directory to which the jars of the services were extracted
 * @param rows to measure
 * @param times how often each video is sent; 0 for the default of its row
 * @param store the media store of the rows that send videos
 * @param media the directory in which the videos are kept between runs
 * @param results the directory of the results
 * @param docs whether the plots are written to {@code docs/performance}
 */
record Arguments(
        Path project,
        Path services,
        Set<Row> rows,
        boolean quick,
        int times,
        String store,
        Path media,
        Path results,
        boolean docs) {
    static Arguments parse(List<String> given) throws UsageError {
        CommandLine line = new CommandLine(given);
        Path project = Path.of(line.next());
        Path services = Path.of(line.next());
        Path temporary = Path.of(line.next());
        List<String> names = new ArrayList<>();
        int times = 0;
        String store = "files";
        Path media = temporary.resolve("tomp3-bench");
        Path results = services.resolveSibling("results");
        boolean docs = false;
        while (line.hasNext()) {
            String argument = line.next();
            switch (argument) {
                case "--times" -> times = Math.toIntExact(line.number(argument, 1));
                case "--store" -> store = line.value(argument);
                case "--media" -> media = Path.of(line.value(argument));
                case "--out" -> results = Path.of(line.value(argument));
                case "--docs" -> docs = true;
                default -> {
                    if (argument.startsWith("-")) throw CommandLine.unknown(argument);
                    names.add(argument);
                }
            }
        }
        if (!store.equals("files") && !store.equals("gridfs"))
            throw new UsageError("--store is files or gridfs, not '" + store + "'");
        boolean quick = names.contains("quick");
        return new Arguments(
                project,
                services,
                rows(names),
                quick,
                times,
                store,
                media.toAbsolutePath(),
                results.toAbsolutePath(),
                docs);
    }

    private static Set<Row> rows(List<String> names) throws UsageError {
        if (names.isEmpty()) {
            Set<Row> rows = EnumSet.allOf(Row.class);
            rows.remove(Row.LARGE);
            return rows;
        }
        Set<Row> rows = EnumSet.noneOf(Row.class);
        for (String name : names) {
            switch (name) {
                case "quick" -> rows.addAll(Row.QUICK);
                case "full" -> rows.addAll(EnumSet.allOf(Row.class));
                default -> rows.add(row(name));
            }
        }
        return rows;
    }

    private static Row row(String name) throws UsageError {
        for (Row row : Row.values()) if (row.name.equals(name)) return row;
        throw new UsageError("there is no row '" + name + "'");
    }
}
