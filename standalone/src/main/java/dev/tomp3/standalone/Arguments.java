package dev.tomp3.standalone;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The parsed command line. */
sealed interface Arguments {
    record Help() implements Arguments {}

    record Serve() implements Arguments {}

    record Convert(Path video, Path out) implements Arguments {}

    static Arguments parse(String... arguments) throws CommandException {
        @Nullable Path video = null;
        @Nullable Path out = null;
        boolean optionsEnded = false;
        Iterator<String> rest = List.of(arguments).iterator();
        while (rest.hasNext()) {
            String argument = rest.next();
            boolean option = !optionsEnded && argument.startsWith("-");
            if (option && argument.equals("--")) {
                optionsEnded = true;
            } else if (option && (argument.equals("--help") || argument.equals("-h"))) {
                return new Help();
            } else if (option && argument.equals("-o")) {
                if (!rest.hasNext()) {
                    throw CommandException.usageError("-o needs a file name");
                }
                if (out != null) {
                    throw CommandException.usageError("-o is given twice");
                }
                out = path(rest.next());
            } else if (option) {
                throw CommandException.usageError("unknown option " + argument);
            } else if (video != null) {
                throw CommandException.usageError("only one video can be converted at a time");
            } else {
                video = path(argument);
            }
        }
        if (video == null) {
            if (out != null) {
                throw CommandException.usageError("-o needs a video to convert");
            }
            return new Serve();
        }
        return new Convert(video, out != null ? out : Path.of(mp3Name(video)));
    }

    private static Path path(String argument) throws CommandException {
        try {
            if (!argument.isEmpty()) {
                return Path.of(argument);
            }
        } catch (InvalidPathException e) {
            throw CommandException.usageError("not a file name: " + argument);
        }
        throw CommandException.usageError("a file name is empty");
    }

    private static String mp3Name(Path video) {
        Path last = video.getFileName();
        String name = last == null ? "" : last.toString();
        int dot = name.lastIndexOf('.');
        return (dot > 0 ? name.substring(0, dot) : name) + ".mp3";
    }
}
