package dev.tomp3.jobs.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MediaFormatTest {
    @Test
    void a_transport_stream_is_streamable_if_every_packet_has_its_sync_byte() {
        assertThat(MediaFormat.isStreamable(packets(0, 188))).isTrue();
        assertThat(MediaFormat.isStreamable(packets(4, 192))).isTrue();
        byte[] one = packets(0, 188);
        one[376] = 0;
        assertThat(MediaFormat.isStreamable(one)).isFalse();
        assertThat(MediaFormat.isStreamable(Arrays.copyOf(packets(0, 188), 100))).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "MP4 with its index first, 0000001066747970 6D703432 00000000 00002710 6D6F6F76, true",
        "MP4 with its index last, 0000001066747970 6D703432 00000000 00002710 6D646174, false",
        "MP4 in fragments, 0000001073747970 6D736468 00000000 00002710 6D6F6F66, true",
        "QuickTime with its index last, 00000008 77696465 00002710 6D646174, false",
        "MP4 whose first box does not end here, 00010000 66747970 6D703432, false",
        "MP4 with a box of no size, 00000000 66726565 00002710 6D6F6F76, false",
        "Matroska, 1A45DFA3, true",
        "WAV, 52494646 FFFFFFFF 57415645, true",
        "RF64, 52463634 FFFFFFFF 57415645, true",
        "BW64, 42573634 FFFFFFFF 57415645, true",
        "AVI, 52494646 FFFFFFFF 41564920, false",
        "FLV, 464C5601, false",
        "MPEG program stream, 000001BA, false",
        "ASF, 3026B2758E66CF11, false",
        "Ogg, 4F676753, true",
        "FLAC, 664C6143, true",
        "MP3 with a tag, 49443303, true",
        "MP3, FFFB9064, true",
        "MP3 of MPEG-2, FFF384C4, true",
        "MP3 of MPEG-2.5, FFE318C4, true",
        "MP3 of no bit rate, FFFBF064, false",
        "MP3 of no sample rate, FFFB9C64, false",
        "MP3 of no version, FFEB9064, false",
        "MP3 behind zeros, 0000FFFB9064, false",
        "AAC, FFF15080, true",
        "AAC with a check sum, FFF05080, true",
        "MP2, FFFD9064, false",
        "AIFF, 464F524D 0000FFFF 41494646, false",
        "one byte of MP3, FF, false",
        "text, 4E6F746573, false"
    })
    void knows_which_files_can_be_decoded_while_they_arrive(
            String what, String head, boolean streamable) {
        byte[] bytes = HexFormat.of().parseHex(head.replace(" ", ""));
        assertThat(MediaFormat.isStreamable(bytes)).isEqualTo(streamable);
    }

    @Test
    void has_no_demuxer_that_opens_other_files() {
        assertThat(MediaFormat.allDemuxers())
                .containsExactly(
                        "3g2",
                        "3gp",
                        "aac",
                        "ac3",
                        "aiff",
                        "amr",
                        "amrnb",
                        "amrwb",
                        "ape",
                        "asf",
                        "au",
                        "avi",
                        "caf",
                        "dts",
                        "dtshd",
                        "eac3",
                        "flac",
                        "flv",
                        "live_flv",
                        "loas",
                        "m4a",
                        "matroska",
                        "mj2",
                        "mlp",
                        "mov",
                        "mp3",
                        "mp4",
                        "mpc",
                        "mpc8",
                        "mpeg",
                        "mpegts",
                        "ogg",
                        "truehd",
                        "tta",
                        "w64",
                        "wav",
                        "webm",
                        "wv");
    }

    @Test
    void is_found_by_the_names_of_its_demuxer() {
        assertThat(MediaFormat.ofDemuxer("mov,mp4,m4a,3gp,3g2,mj2")).contains(MediaFormat.MP4);
        assertThat(MediaFormat.ofDemuxer("matroska,webm")).contains(MediaFormat.MATROSKA);
        assertThat(MediaFormat.ofDemuxer("loas")).contains(MediaFormat.AAC);
        assertThat(MediaFormat.ofDemuxer("hls")).isEmpty();
    }

    @Test
    void lists_the_formats_for_people() {
        assertThat(MediaFormat.displayNames())
                .startsWith("MP4, M4A, MOV, 3GP, MKV, WebM, ")
                .endsWith(", MP3, MP2 and MP1");
    }

    private static byte[] packets(int first, int length) {
        byte[] bytes = new byte[MediaFormat.HEAD_BYTES];
        for (int at = first; at < bytes.length; at += length) bytes[at] = 0x47;
        return bytes;
    }
}
