package dev.tomp3.scaling;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Prints the tables of docs/scaling.md, or writes them into it.
 *
 * <pre>
 * ./bench scaling [docs/scaling.md]
 * </pre>
 */
public final class Scaling {
    private static final Pattern TABLE =
            Pattern.compile("(?s)(<!-- table: ([a-z]+) -->\n).*?(<!-- end -->\n)");

    private Scaling() {}

    public static void main(String[] arguments) throws IOException {
        Map<String, String> tables = new Tables(Parameters.current()).all();
        if (arguments.length == 0) {
            tables.forEach((name, table) -> System.out.println("## " + name + "\n\n" + table));
        } else {
            Path document = Path.of(arguments[0]);
            Files.writeString(document, written(Files.readString(document), tables));
        }
    }

    /** Replaces the tables in a document. */
    static String written(String document, Map<String, String> tables) {
        return TABLE.matcher(document)
                .replaceAll(found -> {
                    String table = tables.get(found.group(2));
                    if (table == null)
                        throw new IllegalArgumentException("No table " + found.group(2));
                    return Matcher.quoteReplacement(found.group(1) + table + found.group(3));
                });
    }
}
