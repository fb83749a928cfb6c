package dev.tomp3.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ScalingTest {
    /** If it fails, run {@code ./bench scaling docs/scaling.md}. */
    @Test
    void the_document_contains_the_current_tables() throws IOException {
        String document = Files.readString(Path.of("../../docs/scaling.md"));
        Map<String, String> tables = new Tables(Parameters.current()).all();
        assertThat(Scaling.written(document, tables)).isEqualTo(document);
        assertThat(tables.keySet())
                .allSatisfy(name -> assertThat(document).contains("<!-- table: " + name + " -->"));
    }

    @Test
    void replaces_only_the_tables() {
        String document = "before\n<!-- table: one -->\n| old |\n<!-- end -->\n$after\n";
        assertThat(Scaling.written(document, Map.of("one", "| $1 |\n", "two", "| 2 |\n")))
                .isEqualTo("before\n<!-- table: one -->\n| $1 |\n<!-- end -->\n$after\n");
        assertThatThrownBy(() -> Scaling.written(document, Map.of("two", "| 2 |\n")))
                .hasMessageContaining("one");
    }

    @Test
    void every_parameter_has_a_source() {
        assertThat(Parameters.current().all())
                .isNotEmpty()
                .allSatisfy(parameter -> {
                    assertThat(parameter.source()).isNotBlank();
                    assertThat(parameter.value()).isPositive();
                });
    }

    @Test
    void the_petabyte_step_takes_a_petabyte_a_month() {
        Step step = Step.petabyte(Parameters.current());
        assertThat(step.bytesPerMonth()).isBetween(0.9999e15, 1.0001e15);
        // 1e15 bytes in 2.63 million seconds
        assertThat(step.videoIn() / 3 * 8 / 1e9).isBetween(3.0, 3.1);
        assertThat(step.converting()).isLessThanOrEqualTo(0.8 * step.converters());
    }
}
