package dev.tomp3.converter.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tomp3.converter.TestMedia;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ChannelMixTest {
    private static final double SILENT = -100;

    @TempDir Path directory;

    static Stream<Named<Ffmpeg>> ffmpegs() {
        return Ffmpegs.all();
    }

    /**
     * The peak of each side in dBFS, of several mixes that one process makes.
     *
     * @param sources of lavfi, by the layout as ffmpeg prints it
     */
    private Map<String, double[]> mix(Ffmpeg ffmpeg, Map<String, String> sources, boolean mono)
            throws Exception {
        List<String> layouts = List.copyOf(sources.keySet());
        String graph =
                IntStream.range(0, layouts.size())
                        .mapToObj(i -> {
                            String layout = layouts.get(i);
                            String filter = ChannelMix.of(layout, mono, 8000).filter();
                            return sources.get(layout)
                                    + (filter.isEmpty() ? "," : "," + filter + ",")
                                    + ChannelMix.NORMALIZED
                                    + ("[o" + i + "]");
                        })
                        .collect(Collectors.joining(";"));
        List<String> arguments = new ArrayList<>(List.of("-y", "-filter_complex", graph));
        for (int i = 0; i < layouts.size(); i++) {
            arguments.addAll(List.of("-map", "[o" + i + "]", "-c:a", "pcm_f32le"));
            arguments.add(directory.resolve(i + ".wav").toString());
        }
        new TestMedia(directory, ffmpeg.binary()).run(arguments);
        Map<String, double[]> peaks = new LinkedHashMap<>();
        for (int i = 0; i < layouts.size(); i++)
            peaks.put(layouts.get(i), peaks(directory.resolve(i + ".wav")));
        return peaks;
    }

    private static double[] peaks(Path wav) throws Exception {
        byte[] all = Files.readAllBytes(wav);
        ByteBuffer bytes = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
        double[] peaks = new double[bytes.getShort(22)];
        int data = new String(all, StandardCharsets.ISO_8859_1).indexOf("data") + 8;
        // when the limiter has settled
        bytes.position(data + (all.length - data) / 16 * 8);
        while (bytes.remaining() >= 4 * peaks.length)
            for (int c = 0; c < peaks.length; c++)
                peaks[c] = Math.max(peaks[c], Math.abs(bytes.getFloat()));
        for (int c = 0; c < peaks.length; c++) peaks[c] = 20 * Math.log10(Math.max(peaks[c], 1e-5));
        return peaks;
    }

    /** A full-scale tone in some of the channels. */
    private static String tone(String layout, List<Boolean> sounding) {
        return "aevalsrc="
                + sounding.stream()
                        .map(sounds -> sounds ? "sin(440*2*PI*t)" : "0")
                        .collect(Collectors.joining("|"))
                + ":s=8000:d=0.3,aformat=sample_fmts=s16"
                + (layout.isEmpty() ? "" : ",channelmap=channel_layout=" + layout);
    }

    private static String everywhere(String layout, int channels) {
        return tone(layout, Collections.nCopies(channels, true));
    }

    private Map<String, String> everyLayout(Ffmpeg ffmpeg) throws Exception {
        Process process =
                new ProcessBuilder(ffmpeg.binary().toString(), "-v", "error", "-layouts").start();
        Map<String, String> layouts = new LinkedHashMap<>();
        try (Stream<String> lines = process.inputReader().lines()) {
            lines.dropWhile(line -> !line.startsWith("Standard"))
                    .map(line -> line.trim().split(" +"))
                    .filter(words -> words.length == 2 && words[1].matches("[A-Z0-9+]+"))
                    .filter(words -> !words[0].equals("NAME"))
                    .forEach(words ->
                            layouts.put(
                                    words[0], everywhere(words[0], words[1].split("\\+").length)));
        }
        for (String odd :
                List.of(
                        "FL",
                        "LFE",
                        "BC",
                        "TFR",
                        "FL+FC",
                        "BL+BR",
                        "TFL+TFR",
                        "SL+SR",
                        "FC+LFE",
                        "FL+BR",
                        "FR+LFE",
                        "FC+BC",
                        "FL+FR+TFC",
                        "BL+BC+BR",
                        "FLC+FRC+BC+LFE",
                        "WL+WR+TC",
                        "FL+FC+BL+SR+TBL+LFE",
                        "FL+FR+FC+BL+BR+SL+SR+TC+TFL+TFR")) {
            int count = odd.split("\\+").length;
            layouts.put("%d channels (%s)".formatted(count, odd), everywhere(odd, count));
        }
        return layouts;
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void mixes_every_layout_without_exceeding_full_scale(Ffmpeg ffmpeg) throws Exception {
        Map<String, String> layouts = everyLayout(ffmpeg);
        assertThat(layouts).hasSizeGreaterThan(40);

        mix(ffmpeg, layouts, false)
                .forEach((layout, peaks) -> {
                    assertThat(peaks).as(layout).hasSize(ChannelMix.isMono(layout) ? 1 : 2);
                    assertThat(DoubleStream.of(peaks).max().orElseThrow())
                            .as(layout)
                            .isBetween(-6.1, 0.001);
                });
        mix(ffmpeg, layouts, true)
                .forEach((layout, peaks) -> {
                    assertThat(peaks).as(layout).hasSize(1);
                    assertThat(peaks[0]).as(layout).isBetween(-9.0, 0.001);
                });
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void mixes_channels_without_a_layout_by_position(Ffmpeg ffmpeg) throws Exception {
        Map<String, String> sources = new LinkedHashMap<>();
        sources.put("2 channels (FL+FC)", tone("FL+FC", List.of(false, true)));
        sources.put("2 channels (BL+BR)", tone("BL+BR", List.of(true, false)));
        sources.put("2 channels (FC+LFE)", tone("FC+LFE", List.of(false, true)));
        sources.put("3 channels (FL+FR+TFC)", tone("FL+FR+TFC", List.of(false, false, true)));
        sources.put("3 channels (FR+BL+TC)", tone("FR+BL+TC", List.of(false, true, false)));
        sources.put("1 channels (FL)", tone("FL", List.of(true)));
        sources.put("ambisonic 1", tone("", List.of(true, true, false, false)));
        sources.put(
                "ambisonic 1+stereo", tone("", List.of(false, false, false, false, false, true)));

        Map<String, double[]> peaks = mix(ffmpeg, sources, false);

        assertThat(peaks.get("2 channels (FL+FC)")).containsExactly(new double[] {-3, -3}, TENTH);
        assertThat(peaks.get("2 channels (BL+BR)"))
                .containsExactly(new double[] {0, SILENT}, TENTH);
        assertThat(peaks.get("2 channels (FC+LFE)"))
                .containsExactly(new double[] {SILENT, SILENT}, TENTH);
        assertThat(peaks.get("3 channels (FL+FR+TFC)"))
                .containsExactly(new double[] {-3, -3}, TENTH);
        assertThat(peaks.get("3 channels (FR+BL+TC)"))
                .containsExactly(new double[] {-3, SILENT}, TENTH);
        assertThat(peaks.get("1 channels (FL)")).containsExactly(new double[] {0}, TENTH);
        assertThat(peaks.get("ambisonic 1"))
                .as("a sound from the left")
                .containsExactly(new double[] {-1, SILENT}, TENTH);
        assertThat(peaks.get("ambisonic 1+stereo"))
                .containsExactly(new double[] {SILENT, -1}, TENTH);
    }

    /** The limiter looks ahead, and would be late otherwise. */
    @ParameterizedTest
    @MethodSource("ffmpegs")
    void mixes_surround_to_the_sample(Ffmpeg ffmpeg) throws Exception {
        List<Integer> rates = List.of(8000, 11_025, 22_050, 44_100, 48_000, 96_000);
        StringBuilder graph = new StringBuilder();
        List<String> arguments = new ArrayList<>();
        for (int rate : rates) {
            graph.append(
                    "aevalsrc='0.5*(not(n-5000)+not(n-11999))':s=%1$d:n=1024,atrim=end_sample=12000,pan=5.1|c0=c0,%2$s[r%1$d];"
                            .formatted(rate, ChannelMix.of("5.1", false, rate).filter()));
            arguments.addAll(List.of("-map", "[r" + rate + "]", "-f", "f32le", "-y"));
            arguments.add(directory.resolve("" + rate).toString());
        }
        arguments.addAll(0, List.of("-filter_complex", graph.substring(0, graph.length() - 1)));
        new TestMedia(directory, ffmpeg.binary()).run(arguments);

        for (int rate : rates) {
            ByteBuffer stereo =
                    ByteBuffer.wrap(Files.readAllBytes(directory.resolve("" + rate)))
                            .order(ByteOrder.LITTLE_ENDIAN);
            assertThat(
                            IntStream.range(0, stereo.limit() / 8)
                                    .filter(i -> stereo.getFloat(8 * i) > 0.4))
                    .as("%d Hz", rate)
                    .containsExactly(5000, 11_999);
            assertThat(stereo.limit() / 8).isEqualTo(12_000);
        }
    }

    private static final Offset<Double> TENTH = within(0.15);

    @Test
    void takes_the_first_two_of_channels_without_a_meaning() {
        assertThat(ChannelMix.of("24 channels", false, 48_000)).isEqualTo(ChannelMix.FIRST_TWO);
        assertThat(ChannelMix.of("6 channels", false, 48_000))
                .isEqualTo(ChannelMix.surround(48_000));
        assertThat(ChannelMix.of("2 channels", false, 48_000)).isEqualTo(ChannelMix.UNCHANGED);
    }

    /** It is built with only those that are used. */
    @Test
    void the_ffmpeg_of_the_images_has_every_filter() throws Exception {
        Set<String> built =
                Files.readAllLines(Path.of("..", "docker", "build-ffmpeg")).stream()
                        .filter(line -> line.startsWith("filters="))
                        .flatMap(line -> Stream.of(line.substring(8).split(",")))
                        .collect(Collectors.toSet());
        List<Probe.Audio> sides =
                Stream.of("1 channels (FL)", "1 channels (FR)", "1 channels (FC)")
                        .map(layout ->
                                new Probe.Audio(1, 1, "pcm", "", 48_000, layout, true, false))
                        .toList();
        Set<String> used = new TreeSet<>();
        for (boolean mono : new boolean[] {false, true}) {
            List<ChannelMix> mixes =
                    Stream.of("mono", "stereo", "5.1", "3 channels (FL+FC+LFE)", "ambisonic 1")
                            .map(layout -> ChannelMix.of(layout, mono, 48_000))
                            .collect(Collectors.toCollection(ArrayList::new));
            mixes.add(ChannelMix.of("12 channels", mono, 48_000));
            mixes.add(ChannelMix.of(sides, mono));
            for (ChannelMix mix : mixes) {
                used.addAll(filters(mix.arguments("0:1", RecordingClock.filter(null))));
                used.addAll(filters(mix.arguments("0:1", RecordingClock.filterUnstamped())));
                used.addAll(filters(mix.again("0:1")));
            }
        }
        assertThat(used).contains("alimiter", "amix", "pan").isSubsetOf(built);
    }

    private static Set<String> filters(List<String> arguments) {
        String graph =
                arguments.get(
                        Math.max(arguments.indexOf("-af"), arguments.indexOf("-filter_complex"))
                                + 1);
        return Stream.of(graph.replaceAll("'[^']*'|\\[[^]]*]", "").split("[,;]"))
                .map(filter -> filter.split("=", 2)[0])
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toSet());
    }
}
