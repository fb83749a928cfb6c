package dev.tomp3.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ApiKeyTest {
    /** Made with Python's zlib.crc32. */
    @Test
    void ends_with_the_crc32_of_its_random_part() {
        assertThat(ApiKey.isWellFormed("tomp3_000000000000000000000000000000002wjyrI")).isTrue();
        assertThat(ApiKey.isWellFormed("tomp3_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef07kqpP")).isTrue();
    }

    @Test
    void every_random_key_is_well_formed_and_no_two_are_the_same() {
        Random random = new Random(7);
        assertThat(IntStream.range(0, 1000).mapToObj(_ -> ApiKey.random(random)))
                .allMatch(ApiKey::isWellFormed)
                .allMatch(key -> key.length() == 44)
                .doesNotHaveDuplicates();
    }

    @Test
    void a_single_wrong_character_breaks_the_checksum() {
        String key = ApiKey.random(new Random(7));
        for (int i = ApiKey.PREFIX.length(); i < key.length(); i++) {
            char other = key.charAt(i) == 'x' ? 'y' : 'x';
            assertThat(ApiKey.isWellFormed(key.substring(0, i) + other + key.substring(i + 1)))
                    .isFalse();
        }
        assertThat(ApiKey.isWellFormed(key + "0")).isFalse();
        assertThat(ApiKey.isWellFormed(key.substring(1))).isFalse();
        assertThat(ApiKey.isWellFormed("")).isFalse();
    }
}
