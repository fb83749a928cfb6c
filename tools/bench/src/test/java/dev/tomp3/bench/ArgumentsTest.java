package dev.tomp3.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tomp3.processes.UsageError;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The command line. */
class ArgumentsTest {
    @Test
    void measures_everything_but_the_large_uploads_by_default() throws Exception {
        Arguments arguments = parse();
        assertThat(arguments.rows()).hasSize(Row.values().length - 1).doesNotContain(Row.LARGE);
        assertThat(arguments.store()).isEqualTo("files");
        assertThat(arguments.media()).isEqualTo(Path.of("/tmp/tomp3-bench"));
        assertThat(arguments.results()).isEqualTo(Path.of("/project/tools/bench/target/results"));
        assertThat(arguments.docs()).isFalse();
        assertThat(arguments.quick()).isFalse();
    }

    @Test
    void full_measures_everything() throws Exception {
        assertThat(parse("full").rows()).containsExactly(Row.values());
    }

    @Test
    void quick_measures_the_quick_rows() throws Exception {
        Arguments arguments = parse("quick");
        assertThat(arguments.rows()).isEqualTo(Row.QUICK);
        assertThat(arguments.quick()).isTrue();
    }

    @Test
    void accepts_row_names_and_options_in_any_order() throws Exception {
        Arguments arguments =
                parse("10min-end", "--store", "gridfs", "backlog", "--times", "7", "--docs");
        assertThat(arguments.rows()).containsExactly(Row.TEN_END, Row.BACKLOG);
        assertThat(arguments.store()).isEqualTo("gridfs");
        assertThat(arguments.times()).isEqualTo(7);
        assertThat(arguments.docs()).isTrue();
    }

    @Test
    void rejects_unknown_rows_options_and_values() {
        assertRejected("no row 'all'", "all");
        assertRejected("unknown argument '--fast'", "--fast");
        assertRejected("--store is files or gridfs", "--store", "tape");
        assertRejected("--media needs a value", "--media");
        assertRejected("--times needs a number", "--times", "often");
        assertRejected("--times needs a number", "--times", "0");
    }

    private static void assertRejected(String message, String... given) {
        assertThatThrownBy(() -> parse(given))
                .isInstanceOf(UsageError.class)
                .hasMessageContaining(message);
    }

    private static Arguments parse(String... given) throws UsageError {
        List<String> all =
                new ArrayList<>(
                        List.of("/project", "/project/tools/bench/target/extracted", "/tmp"));
        all.addAll(List.of(given));
        return Arguments.parse(all);
    }
}
