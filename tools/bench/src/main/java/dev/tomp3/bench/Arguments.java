package dev.tomp3.bench;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the command line says.
 *
 * @param project where {@code ./run} is
 * @param services where the services' jars are
 * @param rows to measure
 * @param times each video is sent; 0 for as often as its row deems right
 * @param store of the rows that send videos
 * @param media where the videos are kept from run to run
 * @param results where everything goes that this run finds out
 * @param docs whether the plots go to {@code docs/performance}
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
    /** Wrong usage. */
    static final class Wrong extends Exception {
        private static final long serialVersionUID = 1;

        Wrong(String message) {
            super(message);
        }
    }

    static Arguments parse(List<String> given) throws Wrong {
        Deque<String> rest = new ArrayDeque<>(given);
        Path project = Path.of(rest.pop());
        Path services = Path.of(rest.pop());
        Path temporary = Path.of(rest.pop());
        List<String> names = new ArrayList<>();
        int times = 0;
        String store = "files";
        Path media = temporary.resolve("tomp3-bench");
        Path results = services.resolveSibling("results");
        boolean docs = false;
        while (!rest.isEmpty()) {
            String option = rest.pop();
            switch (option) {
                case "--times" -> times = number(option, rest);
                case "--store" -> store = value(option, rest);
                case "--media" -> media = Path.of(value(option, rest));
                case "--out" -> results = Path.of(value(option, rest));
                case "--docs" -> docs = true;
                default -> {
                    if (option.startsWith("-")) throw new Wrong("what is '" + option + "'?");
                    names.add(option);
                }
            }
        }
        if (!store.equals("files") && !store.equals("gridfs"))
            throw new Wrong("--store is files or gridfs, not '" + store + "'");
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

    private static Set<Row> rows(List<String> names) throws Wrong {
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

    private static Row row(String name) throws Wrong {
        for (Row row : Row.values()) if (row.name.equals(name)) return row;
        throw new Wrong("there is no row '" + name + "'.");
    }

    private static String value(String option, Deque<String> rest) throws Wrong {
        @Nullable String value = rest.poll();
        if (value == null) throw new Wrong(option + " needs a value");
        return value;
    }

    private static int number(String option, Deque<String> rest) throws Wrong {
        String value = value(option, rest);
        try {
            int number = Integer.parseInt(value);
            if (number > 0) return number;
        } catch (NumberFormatException e) {
            throw new Wrong(option + " needs a number, not '" + value + "'");
        }
        throw new Wrong(option + " needs a number from 1");
    }
}
