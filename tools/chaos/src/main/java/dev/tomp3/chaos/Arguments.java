package dev.tomp3.chaos;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the command line says.
 *
 * @param light faults beside each of the others
 * @param only names of faults that contain this; null for all
 * @param services where the services' jars are
 * @param directory where the run keeps its files
 */
record Arguments(
        int faults,
        int light,
        long seed,
        boolean strict,
        @Nullable String only,
        @Nullable Path report,
        Path services,
        Path directory) {
    /** Wrong usage. */
    static final class Wrong extends Exception {
        private static final long serialVersionUID = 1;

        Wrong(String message) {
            super(message);
        }
    }

    static Arguments parse(List<String> given) throws Wrong {
        Deque<String> rest = new ArrayDeque<>(given);
        Path services = Path.of(rest.pop());
        Path directory = Path.of(rest.pop()).toAbsolutePath();
        int faults = 20;
        int light = -1;
        long seed = 1;
        boolean strict = false;
        String only = null;
        Path report = null;
        while (!rest.isEmpty()) {
            String option = rest.pop();
            switch (option) {
                case "--faults" -> faults = Math.toIntExact(number(option, rest));
                case "--light" -> light = Math.toIntExact(number(option, rest));
                case "--seed" -> seed = number(option, rest);
                case "--strict" -> strict = true;
                case "--only" -> only = value(option, rest);
                case "--report" -> report = Path.of(value(option, rest));
                default -> throw new Wrong("what is '" + option + "'?");
            }
        }
        return new Arguments(
                faults,
                light < 0 ? faults * 7 / 2 : light,
                seed,
                strict,
                only,
                report,
                services,
                directory);
    }

    private static String value(String option, Deque<String> rest) throws Wrong {
        if (rest.isEmpty()) throw new Wrong(option + " needs a value");
        return rest.pop();
    }

    private static long number(String option, Deque<String> rest) throws Wrong {
        String value = value(option, rest);
        try {
            long number = Long.parseLong(value);
            if (number >= 0) return number;
        } catch (NumberFormatException e) {
            throw new Wrong(option + " needs a number, not '" + value + "'");
        }
        throw new Wrong(option + " is not negative");
    }
}
