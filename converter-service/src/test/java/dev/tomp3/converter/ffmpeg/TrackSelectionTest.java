package dev.tomp3.converter.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TrackSelectionTest {
    private static TrackSelection select(Set<Integer> undecodable, String... tracks) {
        FfmpegLog log = new FfmpegLog();
        List<String> lines = new ArrayList<>();
        lines.add("Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'x':");
        lines.add("  Stream #0:0(eng): Video: h264, yuv420p, 160x120 (default)");
        for (int i = 0; i < tracks.length; i++)
            lines.add("  Stream #0:" + (i + 1) + "(eng): Audio: " + tracks[i]);
        lines.add("Stream mapping:");
        lines.forEach(line -> log.accept("[info] " + line));
        Probe probe = log.probe();
        assertThat(probe).isNotNull();
        return TrackSelection.of(probe, undecodable);
    }

    private static List<Integer> selected(String... tracks) {
        return indices(select(Set.of(), tracks));
    }

    private static List<Integer> indices(TrackSelection selection) {
        return selection.tracks().stream().map(Probe.Audio::index).toList();
    }

    private static String[] channels(String... channels) {
        return Arrays.stream(channels)
                .map(channel ->
                        "pcm_s24le, 48000 Hz, "
                                + (channel.equals("FC") ? "mono" : "1 channels (" + channel + ")")
                                + ", s32 (24 bit), 1152 kb/s (default)")
                .toArray(String[]::new);
    }

    @Test
    void prefers_the_default_track_else_the_first() {
        String plain = "aac (LC) (mp4a / 0x6134706D), 48000 Hz, stereo, fltp, 64 kb/s";

        assertThat(selected(plain, plain)).containsExactly(1);
        assertThat(selected(plain, plain + " (default)")).containsExactly(2);
    }

    @Test
    void passes_over_a_track_that_cannot_be_decoded() {
        String spatial = "none (apac / 0x63617061), 48000 Hz, 5.0 (default)";
        String stereo = "aac (LC) (mp4a / 0x6134706D), 48000 Hz, stereo, fltp, 64 kb/s";

        TrackSelection selection = select(Set.of(1), spatial, stereo);

        assertThat(indices(selection)).containsExactly(2);
        assertThat(selection.passedOver()).containsExactly(1);
        assertThat(select(Set.of(2), stereo, spatial.replace(" (default)", "")).passedOver())
                .as("nothing was lost")
                .isEmpty();
        assertThat(indices(select(Set.of(1, 2), spatial, spatial))).containsExactly(1);
    }

    @Test
    void takes_an_addition_or_an_empty_track_only_when_there_is_no_other() {
        String main = "ac3, 48000 Hz, stereo, fltp, 192 kb/s";
        String empty = "aac ([15][0][0][0] / 0x000F), 0 channels";
        for (String addition :
                List.of("comment", "visual impaired", "hearing impaired", "descriptions")) {
            String track = main + " (default) (" + addition + ")";
            assertThat(selected(track, main)).as(addition).containsExactly(2);
            assertThat(selected(track)).as(addition).containsExactly(1);
            assertThat(selected(empty, track)).as(addition).containsExactly(2);
        }
        assertThat(select(Set.of(), empty, main).passedOver()).isEmpty();
    }

    @Test
    void joins_the_channels_of_one_recording() {
        assertThat(selected(channels("FL", "FR"))).containsExactly(1, 2);
        assertThat(selected(channels("FR", "FL"))).containsExactly(1, 2);
        assertThat(selected(channels("FL", "FR", "FC", "LFE", "BL", "BR", "DL", "DR")))
                .containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6);
        assertThat(selected(channels("FL", "FR", "FC")))
                .as("a third microphone")
                .containsExactly(1, 2);
        assertThat(selected(channels("FL"))).containsExactly(1);
        assertThat(selected(channels("FL", "FL"))).containsExactly(1);
        assertThat(selected(channels("FC", "FC", "FC"))).containsExactly(1);
        assertThat(selected("aac, 48000 Hz, stereo, fltp (default)", channels("FL")[0]))
                .containsExactly(1);
    }
}
