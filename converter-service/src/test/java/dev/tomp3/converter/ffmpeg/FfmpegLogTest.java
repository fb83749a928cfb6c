package dev.tomp3.converter.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FfmpegLogTest {
    /** Text of a file that contains line breaks is printed as lines of their own. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "[ @ ",
                "[x @ 0x1] ",
                "[warning] : ",
                "[x @ 0x1] [error] Error while opening decoder",
                "[verbose]   Input stream #0:1 (audio): 1 packets read (1",
                "[verbose]   Output stream #0:0 (audio): 1",
                "[info]   Stream #0:0(",
                "[info]   Duration: 00:00:00.00, start: ",
                "  "
            })
    void a_line_takes_time_in_proportion_to_its_length(String part) {
        String line = part.repeat(20_000 / part.length());
        FfmpegLog log = new FfmpegLog();
        log.accept("[info] Input #0, mp3, from 'x':");
        assertTimeoutPreemptively(
                Duration.ofSeconds(5),
                () -> {
                    for (int i = 0; i < 100; i++) log.accept(line);
                });
    }

    @Test
    void counts_packets_that_are_incomplete_or_could_not_be_decoded() {
        FfmpegLog log = new FfmpegLog();
        for (String line :
                new String[] {
                    "[mpegts @ 0x55d0] [warning] corrupt input packet in stream 1",
                    "[in#0/mpegts @ 0x1] [warning] x.ts: corrupt input packet in stream 0",
                    "[warning] x.ts: corrupt input packet in stream 0",
                    "[error] Error while decoding stream #0:1: Invalid data",
                    "[aist#0:1/aac @ 0x1] [dec:aac @ 0x2] [error] Error submitting packet to"
                            + " decoder: x",
                    "[aist#0:1/aac @ 0x1] [error] Error while opening decoder: x"
                }) log.accept(line);
        log.accept("[error] corrupt input packet in stream 0");
        FfmpegReport.Faults faults = log.report().faults();
        assertThat(faults.incomplete()).isEqualTo(3);
        assertThat(faults.undecoded()).isEqualTo(3);
    }
}
