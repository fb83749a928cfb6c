package dev.tomp3.jobs.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MediaFormatTest {
    @ParameterizedTest
    @CsvSource({
        "MP4, 00000018667479706D703432",
        "M4A, 0000001C667479704D344120",
        "3GP, 00000014667479703367 7034",
        "QuickTime, 000000146674797071742020",
        "QuickTime without a brand, 00000008776964650000",
        "QuickTime with its index first, 00001000 6D6F6F76 0000",
        "QuickTime with its media first, 00001000 6D646174 0000",
        "fragmented MP4, 000000186D6F6F6600000000",
        "Matroska or WebM, 1A45DFA3934282886D6174726F736B61",
        "AVI, 52494646FFFFFFFF41564920",
        "WAV, 52494646FFFFFFFF57415645",
        "WAV beyond 4 GB, 52463634FFFFFFFF57415645",
        "FLV, 464C560105000000",
        "MPEG-PS, 000001BA44000400",
        "ASF, 3026B2758E66CF11A6D900AA0062CE6C",
        "Ogg, 4F676753000200",
        "FLAC, 664C614300000022",
        "MP3 with a tag, 494433030000",
        "MP3, FFFB9064",
        "MP3 of MPEG-2, FFF384C4",
        "MP3 of MPEG-2.5, FFE318C4",
        "AAC, FFF15080",
        "AAC with a check sum, FFF05080"
    })
    void recognizes_every_accepted_format(String what, String head) {
        assertThat(MediaFormat.of(HexFormat.of().parseHex(head.replace(" ", "")))).isPresent();
    }

    @ParameterizedTest
    @CsvSource({
        "nothing, ''",
        "zeros, 000000000000000000000000",
        "JPEG, FFD8FFE000104A464946",
        "PNG, 89504E470D0A1A0A0000000D",
        "GIF, 474946383961",
        "ZIP, 504B030414000000",
        "gzip, 1F8B0800",
        "ELF, 7F454C4602010100",
        "WebP, 52494646FFFFFFFF57454250",
        "a RIFF of something else, 52494646FFFFFFFF41434F4E",
        "a RIFF that ends, 52494646FFFFFFFF",
        "UTF-16, FFFE41004200",
        "UTF-8 with a mark, EFBBBF3C3F786D6C",
        "MPEG video, 000001B3",
        "MP3 of no bit rate, FFFBF064",
        "MP3 of no sample rate, FFFB9C64",
        "MP3 of no version, FFEB9064",
        "MP2, FFFD9064",
        "one byte of MP3, FF"
    })
    void rejects_other_files(String what, String head) {
        assertThat(MediaFormat.of(HexFormat.of().parseHex(head))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "#EXTM3U\n#EXT-X-VERSION:3\n",
                "ffconcat version 1.0\nfile x\n",
                "<?xml version=\"1.0\"?>",
                "<!DOCTYPE html>",
                "v=0\no=- 0 0 IN IP4 127.0.0.1\n",
                "[playlist]\n",
                "GGGG text that begins with a sync byte",
                "; comment\nftyp"
            })
    void rejects_text(String text) {
        assertThat(MediaFormat.of(text.getBytes(StandardCharsets.UTF_8))).isEmpty();
    }

    @Test
    void recognizes_a_transport_stream_by_the_sync_byte_of_every_packet() {
        assertThat(MediaFormat.of(packets(0, 188))).contains(MediaFormat.MPEG_TS);
        assertThat(MediaFormat.of(packets(4, 192))).contains(MediaFormat.MPEG_TS);
        byte[] one = packets(0, 188);
        one[376] = 0;
        assertThat(MediaFormat.of(one)).isEmpty();
        assertThat(MediaFormat.of(Arrays.copyOf(packets(0, 188), 100))).isEmpty();
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
        "AVI, 52494646 FFFFFFFF 41564920, false",
        "FLV, 464C5601, false",
        "MPEG program stream, 000001BA, false",
        "ASF, 3026B2758E66CF11, false",
        "Ogg, 4F676753, true",
        "FLAC, 664C6143, true",
        "MP3 with a tag, 49443303, true",
        "text, 4E6F746573, false"
    })
    void knows_which_files_can_be_decoded_while_they_arrive(
            String what, String head, boolean streamable) {
        byte[] bytes = HexFormat.of().parseHex(head.replace(" ", ""));
        assertThat(MediaFormat.of(bytes).filter(format -> format.streamable(bytes)).isPresent())
                .isEqualTo(streamable);
    }

    @Test
    void has_no_demuxer_that_opens_other_files() {
        assertThat(MediaFormat.allDemuxers())
                .containsExactly(
                        "3g2",
                        "3gp",
                        "aac",
                        "asf",
                        "avi",
                        "flac",
                        "flv",
                        "live_flv",
                        "m4a",
                        "matroska",
                        "mj2",
                        "mov",
                        "mp3",
                        "mp4",
                        "mpeg",
                        "mpegts",
                        "ogg",
                        "w64",
                        "wav",
                        "webm");
    }

    @Test
    void is_found_by_the_names_of_its_demuxer() {
        assertThat(MediaFormat.ofDemuxer("mov,mp4,m4a,3gp,3g2,mj2")).contains(MediaFormat.MP4);
        assertThat(MediaFormat.ofDemuxer("matroska,webm")).contains(MediaFormat.MATROSKA);
        assertThat(MediaFormat.ofDemuxer("hls")).isEmpty();
    }

    private static byte[] packets(int first, int length) {
        byte[] bytes = new byte[MediaFormat.SIGNATURE_BYTES];
        for (int at = first; at < bytes.length; at += length) bytes[at] = 0x47;
        return bytes;
    }
}
