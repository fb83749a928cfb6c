package dev.tomp3.jobs;

import static dev.tomp3.jobs.Store.ADA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.jobs.DownloadLinks.Disposition;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("back-end")
class DownloadLinksTest {
    private static final Instant EXPIRY = Instant.ofEpochSecond(1_767_225_600);

    private final Store store = new Store();

    @AfterEach
    void close() {
        store.close();
    }

    /** Made with Python's hmac. */
    @Test
    void signs_purpose_id_and_expiry_with_hmac_sha256() {
        byte[] secret =
                HexFormat.of()
                        .parseHex(
                                "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
        DownloadLinks links =
                new DownloadLinks(() -> new SecretKeySpec(secret, DownloadLinks.ALGORITHM));
        assertThat(links.toArchive("652f1b2c3d4e5f6071829304", EXPIRY))
                .isEqualTo(
                        "/archives/652f1b2c3d4e5f6071829304?e=1767225600"
                                + "&s=L1sgUX_NkIcSvoz5smKxY8WzYthnCZMaxNk7Gfpt2jc");
    }

    @Test
    void a_link_is_good_for_one_mp3_one_expiry_and_one_disposition() {
        DownloadLinks links = new DownloadLinks(new LinkSecret(store.mongo));
        Job job = store.converting(ADA);
        Job other = store.converting(ADA);
        String link = links.toMp3(job, EXPIRY, Disposition.INLINE);
        assertThat(link).startsWith("/d/" + job.id() + "?e=1767225600&k=inline&s=");
        String signature = link.substring(link.lastIndexOf('=') + 1);
        long expiry = EXPIRY.getEpochSecond();
        assertThat(links.isToMp3(job, expiry, "inline", signature)).isTrue();
        assertThat(links.isToMp3(other, expiry, "inline", signature)).isFalse();
        assertThat(links.isToMp3(job, expiry + 1, "inline", signature)).isFalse();
        assertThat(links.isToMp3(job, expiry, "attachment", signature)).isFalse();
        assertThat(links.isToMp3(job, expiry, "inline", signature + "A")).isFalse();
        assertThat(links.isToArchive(job.id(), expiry, signature)).isFalse();
        store.attempts.release(job, Duration.ZERO);
        Job again = store.claimed();
        assertThat(again.id()).isEqualTo(job.id());
        assertThat(links.isToMp3(again, expiry, "inline", signature)).isFalse();
    }

    @Test
    void all_processes_have_the_secret_that_the_first_one_makes() throws Exception {
        for (int i = 0; i < 5; i++) {
            store.mongo.dropCollection("secrets");
            List<SecretKeySpec> secrets =
                    Race.between(
                            () -> new LinkSecret(store.mongo).get(),
                            () -> new LinkSecret(store.mongo).get());
            assertThat(secrets.getFirst()).isEqualTo(secrets.getLast());
            assertThat(secrets.getFirst().getEncoded()).hasSize(32);
            assertThat(new LinkSecret(store.mongo).get()).isEqualTo(secrets.getFirst());
        }
    }
}
