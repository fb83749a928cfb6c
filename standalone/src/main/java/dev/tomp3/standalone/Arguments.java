package dev.tomp3.standalone;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was asked for on the command line. */
sealed interface Arguments {
    String USAGE =
            """
            usage: ./run                       start tomp3 and serve until Ctrl-C
                   ./run VIDEO [-o OUT.mp3]    convert one file
                   ./run --help

            OUT is by default the name of VIDEO with .mp3, in the current directory.

            Data is kept in DATA_DIR (data/). GATEWAY_PORT (8080), AUTH_PORT (5000) and METRICS_PORT (9100, and the
            next one) move the ports. ADMIN_EMAIL and ADMIN_PASSWORD name the administrator; without them the first
            start makes one and shows its password. docs/operations.md lists all settings.
            """;

    record Help() implements Arguments {}

    record Serve() implements Arguments {}

    record Convert(Path video, Path out) implements Arguments {}

    static Arguments parse(String... arguments) throws Refusal {
        @Nullable Path video = null;
        @Nullable Path out = null;
        Iterator<String> rest = List.of(arguments).iterator();
        while (rest.hasNext()) {
            String argument = rest.next();
            if (argument.equals("--help") || argument.equals("-h")) {
                return new Help();
            } else if (argument.equals("-o")) {
                if (!rest.hasNext()) {
                    throw Refusal.usage("-o needs the name of a file");
                }
                if (out != null) {
                    throw Refusal.usage("-o is given twice");
                }
                out = path(rest.next());
            } else if (argument.startsWith("-")) {
                throw Refusal.usage("unknown option " + argument);
            } else if (video != null) {
                throw Refusal.usage("one video at a time");
            } else {
                video = path(argument);
            }
        }
        if (video == null) {
            if (out != null) {
                throw Refusal.usage("-o goes with a video");
            }
            return new Serve();
        }
        return new Convert(video, out != null ? out : Path.of(mp3Name(video)));
    }

    private static Path path(String argument) throws Refusal {
        try {
            if (!argument.isEmpty()) {
                return Path.of(argument);
            }
        } catch (InvalidPathException e) {
            throw Refusal.usage("not the name of a file: " + argument);
        }
        throw Refusal.usage("an empty name of a file");
    }

    private static String mp3Name(Path video) {
        Path last = video.getFileName();
        String name = last == null ? "" : last.toString();
        int dot = name.lastIndexOf('.');
        return (dot > 0 ? name.substring(0, dot) : name) + ".mp3";
    }
}
