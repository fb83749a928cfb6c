package dev.tomp3.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.standalone.Progress.Step;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressTest {
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @Test
    void is_one_line_a_step_where_there_is_no_terminal() {
        showAll(0);
        assertThat(printed()).isEqualTo("starting\nuploading\nconverting\n");
    }

    @ParameterizedTest
    @CsvSource({
        "200, [############............................]  30 % converting",
        "60, [############............................]  30 % converting",
        "30, [###.......]  30 % converting",
        "20, ' 30 % converting'",
        "10, ' 30 % con'",
        "1, ''"
    })
    void is_a_bar_within_the_width_of_the_terminal(int columns, String bar) {
        progress(columns).show(Step.CONVERTING, 0);
        assertThat(printed()).isEqualTo(bar.isEmpty() ? "" : "\r" + bar + "\033[K");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 15, 24, 25, 30, 59, 60, 61, 300})
    void never_wraps_and_leaves_nothing(int columns) {
        showAll(columns);
        progress(columns).clear();
        assertThat(printed()).doesNotContain("\n").endsWith("\033[K");
        assertThat(Arrays.stream(printed().split("\033\\[K")))
                .allSatisfy(line ->
                        assertThat(line).startsWith("\r").hasSizeLessThanOrEqualTo(columns));
    }

    private void showAll(int columns) {
        Progress progress = progress(columns);
        for (Step step : Step.values()) {
            for (int percent = 0; percent <= 100; percent++) progress.show(step, percent / 100.0);
        }
    }

    private Progress progress(int columns) {
        return new Progress(new PrintStream(printed, true, StandardCharsets.UTF_8), columns);
    }

    private String printed() {
        return printed.toString(StandardCharsets.UTF_8);
    }
}
