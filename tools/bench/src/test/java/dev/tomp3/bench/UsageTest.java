package dev.tomp3.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class UsageTest {
    private static final String STAT =
            "4711 (ja) va (x)) S 1 2 3 0 -1 4194304 9 8 7 6 150 50 1000 300 20 0 40 0 99 1 2 3";
    private static final List<String> IO =
            List.of(
                    "rchar: 11",
                    "wchar: 22",
                    "syscr: 1",
                    "syscw: 1",
                    "read_bytes: 33",
                    "write_bytes: 44",
                    "cancelled_write_bytes: 0");

    @Test
    void counts_the_process_and_its_children_in_both_modes() {
        assertThat(Usage.parse(STAT, IO)).isEqualTo(new Usage(15, 13, 11, 22, 33, 44));
    }

    @Test
    void subtracts_and_adds_all_fields() {
        Usage later = new Usage(20, 15, 12, 24, 36, 48);
        Usage earlier = new Usage(15, 13, 11, 22, 33, 44);
        assertThat(later.since(earlier)).isEqualTo(new Usage(5, 2, 1, 2, 3, 4));
        assertThat(later.since(earlier).plus(earlier)).isEqualTo(later);
    }

    @Test
    void ignores_the_unit_after_a_number() {
        assertThat(Usage.number(List.of("Name:\tjava", "VmHWM:\t  123456 kB"), "VmHWM"))
                .isEqualTo(123456);
        assertThat(Usage.number(List.of("VmHWMark:\t7 kB"), "VmHWM")).isZero();
    }
}
