package dev.tomp3.endtoend;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a query asks for: its selectors, and the labels it groups and joins by. Knows as much of
 * PromQL as that takes, and refuses what it does not know.
 *
 * @param selectors in the order of the query
 * @param labels of {@code by}, {@code without}, {@code on} and their like
 */
record PromQl(List<Selector> selectors, Set<String> labels) {
    /** A metric and what its labels must be. */
    record Selector(String metric, List<Match> matches) {}

    /**
     * One condition.
     *
     * @param operator {@code =}, {@code !=}, {@code =~} or {@code !~}
     */
    record Match(String label, String operator, String value) {}

    private static final Pattern TOKEN =
            Pattern.compile(
                    """
                    (?<space>\\s+)\
                    |(?<string>"(?:[^"\\\\]|\\\\.)*"|'(?:[^'\\\\]|\\\\.)*')\
                    |(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)\
                    |(?<number>[0-9][0-9a-zA-Z.]*|\\$__[a-z_]+)\
                    |(?<sign>==|!=|=~|!~|>=|<=|[-+*/%^<>=(){}\\[\\],])\
                    """);
    private static final Set<String> LABEL_LISTS =
            Set.of("by", "without", "on", "ignoring", "group_left", "group_right");
    private static final Set<String> WORDS = Set.of("and", "or", "unless", "bool", "offset");

    static PromQl parse(String query) {
        return new Parser(query).parse();
    }

    private static final class Parser {
        private final String query;
        private final List<String> tokens = new ArrayList<>();
        private final List<Selector> selectors = new ArrayList<>();
        private final Set<String> labels = new TreeSet<>();
        private int at;

        Parser(String query) {
            this.query = query;
            Matcher token = TOKEN.matcher(query);
            for (int from = 0; from < query.length(); from = token.end()) {
                if (!token.find(from) || token.start() != from)
                    throw refused(query.substring(from));
                if (token.group("space") == null) tokens.add(token.group());
            }
        }

        PromQl parse() {
            while (at < tokens.size()) {
                String token = tokens.get(at++);
                if (token.equals("{")) throw refused("a selector without a metric");
                if (token.equals("[")) {
                    next(); // a duration
                    expect("]");
                } else if (isName(token)) {
                    name(token);
                }
            }
            return new PromQl(selectors, labels);
        }

        private void name(String name) {
            if (LABEL_LISTS.contains(name)) {
                if (peek().equals("(")) labels.addAll(labelList());
            } else if (!WORDS.contains(name)
                    && !peek().equals("(")
                    && !peek().equals("by")
                    && !peek().equals("without")) {
                selectors.add(new Selector(name, peek().equals("{") ? matches() : List.of()));
            } // else a function or an aggregation
        }

        private List<String> labelList() {
            List<String> names = new ArrayList<>();
            expect("(");
            while (!peek().equals(")")) {
                names.add(nextName());
                if (!peek().equals(")")) expect(",");
            }
            expect(")");
            return names;
        }

        private List<Match> matches() {
            List<Match> matches = new ArrayList<>();
            expect("{");
            while (!peek().equals("}")) {
                String label = nextName();
                String operator = next();
                if (!Set.of("=", "!=", "=~", "!~").contains(operator)) throw refused(operator);
                String value = next();
                matches.add(new Match(label, operator, value.substring(1, value.length() - 1)));
                if (!peek().equals("}")) expect(",");
            }
            expect("}");
            return matches;
        }

        private String peek() {
            return at < tokens.size() ? tokens.get(at) : "";
        }

        private String next() {
            if (at == tokens.size()) throw refused("its end");
            return tokens.get(at++);
        }

        private String nextName() {
            String name = next();
            if (!isName(name)) throw refused(name);
            return name;
        }

        private void expect(String token) {
            String found = next();
            if (!found.equals(token)) throw refused(found);
        }

        private static boolean isName(String token) {
            return Character.isLetter(token.charAt(0)) || token.charAt(0) == '_';
        }

        private IllegalArgumentException refused(String what) {
            return new IllegalArgumentException("In \"" + query + "\": " + what);
        }
    }
}
