package dev.tomp3.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The command line. */
class ArgumentsTest {
    @Test
    void without_a_word_it_is_everything_but_the_large_uploads() throws Exception {
        Arguments arguments = parse();
        assertThat(arguments.rows()).hasSize(Row.values().length - 1).doesNotContain(Row.LARGE);
        assertThat(arguments.store()).isEqualTo("files");
        assertThat(arguments.media()).isEqualTo(Path.of("/tmp/tomp3-bench"));
        assertThat(arguments.results()).isEqualTo(Path.of("/project/benchmark/target/results"));
        assertThat(arguments.docs()).isFalse();
        assertThat(arguments.quick()).isFalse();
    }

    @Test
    void full_is_everything() throws Exception {
        assertThat(parse("full").rows()).containsExactly(Row.values());
    }

    @Test
    void quick_is_what_takes_little_time() throws Exception {
        Arguments arguments = parse("quick");
        assertThat(arguments.rows()).isEqualTo(Row.QUICK);
        assertThat(arguments.quick()).isTrue();
    }

    @Test
    void rows_go_by_their_names_beside_options() throws Exception {
        Arguments arguments =
                parse("10min-end", "--store", "gridfs", "backlog", "--times", "7", "--docs");
        assertThat(arguments.rows()).containsExactly(Row.TEN_END, Row.BACKLOG);
        assertThat(arguments.store()).isEqualTo("gridfs");
        assertThat(arguments.times()).isEqualTo(7);
        assertThat(arguments.docs()).isTrue();
    }

    @Test
    void what_it_does_not_know_it_refuses() {
        assertRefused("no row 'all'", "all");
        assertRefused("what is '--fast'", "--fast");
        assertRefused("--store is files or gridfs", "--store", "tape");
        assertRefused("--media needs a value", "--media");
        assertRefused("--times needs a number", "--times", "often");
        assertRefused("--times needs a number", "--times", "0");
    }

    private static void assertRefused(String message, String... given) {
        assertThatThrownBy(() -> parse(given))
                .isInstanceOf(Arguments.Wrong.class)
                .hasMessageContaining(message);
    }

    private static Arguments parse(String... given) throws Arguments.Wrong {
        List<String> all =
                new ArrayList<>(List.of("/project", "/project/benchmark/target/extracted", "/tmp"));
        all.addAll(List.of(given));
        return Arguments.parse(all);
    }
}
