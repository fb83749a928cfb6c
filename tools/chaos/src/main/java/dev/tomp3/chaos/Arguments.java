package dev.tomp3.chaos;

import dev.tomp3.processes.CommandLine;
import dev.tomp3.processes.UsageError;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The parsed command line.
 *
 * @param light number of light faults in total
 * @param only injects only faults whose name contains one of these words, separated by commas; null
 *     for all
 * @param services the directory to which the jars of the services were extracted
 * @param directory for all files of the run
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
    boolean includes(String fault) {
        return only == null || Stream.of(only.split(",")).anyMatch(fault::contains);
    }

    static Arguments parse(List<String> given) throws UsageError {
        CommandLine line = new CommandLine(given);
        Path services = Path.of(line.next());
        Path directory = Path.of(line.next()).toAbsolutePath();
        int faults = 20;
        int light = -1;
        long seed = 1;
        boolean strict = false;
        String only = null;
        Path report = null;
        while (line.hasNext()) {
            String option = line.next();
            switch (option) {
                case "--faults" -> faults = Math.toIntExact(line.number(option, 0));
                case "--light" -> light = Math.toIntExact(line.number(option, 0));
                case "--seed" -> seed = line.number(option, 0);
                case "--strict" -> strict = true;
                case "--only" -> only = line.value(option);
                case "--report" -> report = Path.of(line.value(option));
                default -> throw CommandLine.unknown(option);
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
}
