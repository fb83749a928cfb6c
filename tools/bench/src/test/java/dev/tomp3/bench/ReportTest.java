package dev.tomp3.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    private final Report report = new Report();

    @Test
    void a_spread_is_the_median_with_minimum_and_maximum() {
        assertThat(Spread.of(3, 1, 2)).isEqualTo(new Spread(2, 1, 3));
        assertThat(Spread.of(4, 1, 2, 3)).isEqualTo(new Spread(2.5, 1, 4));
        assertThat(Spread.of(0.05, 12.34, 123.4)).hasToString("12.3 (0.050-123)");
    }

    @Test
    void rows_of_one_title_are_one_table() {
        report.row("Things", List.of("a", "b"), List.of("1", "2"));
        report.row("Things", List.of("a", "b"), List.of("3", "4"));
        assertThat(report.markdown())
                .contains("## Things\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |\n");
    }

    @Test
    void a_target_is_an_upper_or_a_lower_limit() {
        report.atMost("time", 0.75, 0.75, " x");
        report.atMost("more time", 0.75, 0.76, " x");
        report.atLeast("rate", 88, 88, " %");
        report.atLeast("lower rate", 88, 87, " %");
        assertThat(report.markdown())
                .contains("| time | at most 0.75 x | 0.75 x | met |")
                .contains("| more time | at most 0.75 x | 0.76 x | missed |")
                .contains("| rate | at least 88.0 % | 88.0 % | met |")
                .contains("| lower rate | at least 88.0 % | 87.0 % | missed |");
    }

    @Test
    void a_target_without_a_measurement_is_missed() {
        report.atMost("nothing", 1, Double.NaN, "");
        report.atLeast("nothing", 1, Double.NaN, "");
        assertThat(report.markdown()).doesNotContain("| met |");
    }

    @Test
    void writes_the_raw_measurements(@TempDir Path directory) throws IOException {
        report.raw("clip", Map.of("usage", new Usage(1.5, 0.5, 1, 2, 3, 4)));
        report.write(directory);
        assertThat(Files.readString(directory.resolve("measurements.json")))
                .contains("\"row\" : \"clip\"")
                .contains("\"cpu\" : 1.5");
        assertThat(directory.resolve("report.md")).hasContent(report.markdown());
    }

    @Test
    void draws_plots_of_at_least_two_points(@TempDir Path directory) throws IOException {
        Plots plots = new Plots();
        plots.timeAgainstDuration("tomp3", 0.5, 0.6);
        plots.timeAgainstDuration("tomp3", 10, 6);
        plots.memoryAgainstSize("heap", 2.5, 100);
        plots.write(directory);
        assertThat(directory.resolve("time.png")).isNotEmptyFile();
        assertThat(directory.resolve("time.svg")).content().contains("<svg");
        assertThat(directory.resolve("memory.png")).doesNotExist();
    }
}
