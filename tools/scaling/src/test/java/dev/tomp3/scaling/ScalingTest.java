package dev.tomp3.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ScalingTest {
    /**
     * What to do: {@code java -cp scaling/target/classes dev.tomp3.scaling.Scaling
     * docs/scaling.md}.
     */
    @Test
    void the_document_has_the_tables_that_the_program_prints() throws IOException {
        String document = Files.readString(Path.of("../../docs/scaling.md"));
        Map<String, String> tables = new Tables(Figures.current()).all();
        assertThat(Scaling.written(document, tables)).isEqualTo(document);
        assertThat(tables.keySet())
                .allSatisfy(name -> assertThat(document).contains("<!-- table: " + name + " -->"));
    }

    @Test
    void writes_a_table_into_its_place_and_nowhere_else() {
        String document = "before\n<!-- table: one -->\n| old |\n<!-- end -->\n$after\n";
        assertThat(Scaling.written(document, Map.of("one", "| $1 |\n", "two", "| 2 |\n")))
                .isEqualTo("before\n<!-- table: one -->\n| $1 |\n<!-- end -->\n$after\n");
        assertThatThrownBy(() -> Scaling.written(document, Map.of("two", "| 2 |\n")))
                .hasMessageContaining("one");
    }

    @Test
    void every_figure_says_where_it_comes_from() {
        assertThat(Figures.current().all())
                .isNotEmpty()
                .allSatisfy(figure -> {
                    assertThat(figure.source()).isNotBlank();
                    assertThat(figure.value()).isPositive();
                });
    }

    @Test
    void a_petabyte_a_month_is_what_the_step_of_that_name_takes() {
        Step step = Step.petabyte(Figures.current());
        assertThat(step.bytesPerMonth()).isBetween(0.9999e15, 1.0001e15);
        // 1e15 bytes in 2.63 million seconds
        assertThat(step.videoIn() / 3 * 8 / 1e9).isBetween(3.0, 3.1);
        assertThat(step.converting()).isLessThanOrEqualTo(0.8 * step.converters());
    }
}
