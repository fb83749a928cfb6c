package dev.tomp3.converter.conversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.tomp3.converter.ffmpeg.FfmpegReport;
import dev.tomp3.converter.ffmpeg.Probe;
import dev.tomp3.converter.ffmpeg.Timeline;
import dev.tomp3.converter.source.Source;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the headers of files say that are too large to be made. */
class SourceEndTest {
    private static final FfmpegReport REPORT =
            new FfmpegReport(
                    new Probe("wav", null, false, List.of(), List.of(), false),
                    true,
                    false,
                    false,
                    false,
                    1,
                    1,
                    1,
                    FfmpegReport.Faults.NONE,
                    Timeline.CONTINUOUS);

    /** A RIFF file of that length, of which only the head is there. */
    private static Source riff(long bytes, long declared) {
        ByteBuffer head = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        head.put("RIFF".getBytes(StandardCharsets.ISO_8859_1)).putInt((int) declared);
        head.put("WAVEfmt ".getBytes(StandardCharsets.ISO_8859_1));
        return new Source() {
            @Override
            public long bytes() {
                return bytes;
            }

            @Override
            public InputStream open(long offset) throws IOException {
                return new ByteArrayInputStream(head.array(), (int) offset, 64);
            }
        };
    }

    @ParameterizedTest
    @CsvSource({
        // what ffmpeg, SoX, arecord and others write to a pipe, into files of any length
        "0xffffffff,     300_000, 1",
        "0xffffffff, 2_300_000_000, 1",
        "0xffffffff, 4_294_967_290, 1",
        "0xffffffff, 5_000_000_000, 1",
        "0xffffffd8, 2_300_000_000, 1",
        "0x80000024, 1_500_000_000, 1",
        "0x80000000, 1_500_000_000, 1",
        "0x7fffffff, 1_500_000_000, 1",
        "0x7fffff24, 1_500_000_000, 1",
        "0x7ffff024, 1_500_000_000, 1",
        "0x77359400,     300_000, 1",
        "0x00000000,     300_000, 1",
        // sizes
        "0xc0000000, 3_000_000_000, 1.07",
        "0xf0000000, 4_000_000_000, 1.01",
        "0x77359400, 1_500_000_000, 1.33",
        "0x70000000,     300_000, 6263",
    })
    void tells_a_size_that_a_riff_file_should_have_from_a_placeholder(
            String declared, String bytes, double share) throws Exception {
        Source source = riff(Long.parseLong(bytes.replace("_", "")), Long.decode(declared));

        assertThat(SourceEnd.read(source, REPORT).declaredShare())
                .isCloseTo(share, withinPercentage(0.5));
    }
}
