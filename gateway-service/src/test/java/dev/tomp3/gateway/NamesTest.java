package dev.tomp3.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.jobs.DownloadLinks.Disposition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** File names in uploads and downloads. */
class NamesTest {
    @ParameterizedTest
    @CsvSource({
        "film.mp4, film.mp4",
        "/home/ann/film.mp4, film.mp4",
        "C:\\films\\film.mp4, film.mp4",
        "../../film.mp4, film.mp4",
        "film/, video",
        "'', video",
        "'  ', video",
        "., video",
        ".., video",
        "..., ...",
        "' film.mp4 ', film.mp4",
        "'say \\\"hi\\\".mp4', 'say \"hi\".mp4'",
        "שלום.mp4, שלום.mp4"
    })
    void keeps_the_last_segment_of_a_path(String given, String name) {
        assertThat(UploadForm.fileName(given)).isEqualTo(name);
    }

    @Test
    void removes_what_no_file_name_has() {
        assertThat(UploadForm.fileName(null)).isEqualTo("video");
        assertThat(UploadForm.fileName("a\0b\rc\nd\te\u007f\u0085f\u009b.mp4"))
                .isEqualTo("abcdef.mp4");
        assertThat(UploadForm.fileName("a\u202egpj\u2066.mp4\u2028")).isEqualTo("agpj.mp4");
        assertThat(UploadForm.fileName("a\ud800b\ue000.mp4")).isEqualTo("ab.mp4");
        assertThat(UploadForm.fileName("\0\r\n")).isEqualTo("video");
    }

    @Test
    void cuts_a_long_name_between_characters() {
        assertThat(UploadForm.fileName("n".repeat(300))).isEqualTo("n".repeat(255));
        assertThat(UploadForm.fileName("🎬".repeat(300))).isEqualTo("🎬".repeat(255));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "film.mp4|attachment; filename=\"film.mp3\"",
                "my film (1).tar.mp4|attachment; filename=\"my film (1).tar.mp3\"",
                "film|attachment; filename=\"film.mp3\"",
                ".mp4|attachment; filename=\".mp4.mp3\"",
                "a;b.mp4|attachment; filename=\"a;b.mp3\"",
                "a%41.mp4|attachment; filename=\"a%41.mp3\"",
                "é.mp4|attachment; filename=\"_.mp3\"; filename*=UTF-8''%C3%A9.mp3",
                "a\"b.mp4|attachment; filename=\"a_b.mp3\"; filename*=UTF-8''a%22b.mp3",
                "a\\b.mp4|attachment; filename=\"a_b.mp3\"; filename*=UTF-8''a%5Cb.mp3",
                "é\"; filename*=x.mp4|attachment; filename=\"__; filename*=x.mp3\";"
                        + " filename*=UTF-8''%C3%A9%22%3B%20filename%2A%3Dx.mp3",
                "é'%.mp4|attachment; filename=\"_'%.mp3\"; filename*=UTF-8''%C3%A9%27%25.mp3"
            })
    void names_the_mp3(String video, String header) {
        assertThat(Mp3Delivery.disposition(Disposition.ATTACHMENT, video)).isEqualTo(header);
    }

    @Test
    void keeps_line_ends_out_of_the_header() {
        assertThat(Mp3Delivery.disposition(Disposition.ATTACHMENT, "a\r\nX: y\0é.mp4"))
                .doesNotContainPattern("[\\r\\n\\x00]");
    }
}
