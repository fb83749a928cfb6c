package dev.tomp3.processes;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The arguments of a program, read from left to right. */
public final class CommandLine {
    private final Deque<String> rest;

    public CommandLine(List<String> arguments) {
        rest = new ArrayDeque<>(arguments);
    }

    public boolean hasNext() {
        return !rest.isEmpty();
    }

    public String next() {
        return rest.pop();
    }

    /** The value of an option. */
    public String value(String option) throws UsageError {
        if (rest.isEmpty()) throw new UsageError(option + " needs a value");
        return rest.pop();
    }

    /** The value of an option that is a whole number. */
    public long number(String option, long minimum) throws UsageError {
        String value = value(option);
        try {
            long number = Long.parseLong(value);
            if (number >= minimum) return number;
        } catch (NumberFormatException e) {
            throw new UsageError(option + " needs a number, not '" + value + "'");
        }
        throw new UsageError(option + " needs a number of at least " + minimum);
    }

    public static UsageError unknown(String argument) {
        return new UsageError("unknown argument '" + argument + "'");
    }
}
