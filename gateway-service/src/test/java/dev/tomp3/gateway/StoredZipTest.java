package dev.tomp3.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoredZipTest {
    private static final long ORDINARY = 0xFFFFFFFFL;
    private static final Instant MODIFIED = Instant.parse("2026-03-04T05:06:08Z");
    private static final List<byte[]> CONTENTS = List.of(random(100_000), new byte[0], random(7));
    private static final List<StoredZip.Entry> ENTRIES =
            List.of(
                    new StoredZip.Entry("a.mp3", 100_000, MODIFIED),
                    new StoredZip.Entry("Ä \u65e5\u672c \ud83c\udfac.mp3", 0, MODIFIED),
                    new StoredZip.Entry("a (2).mp3", 7, MODIFIED));

    @TempDir private Path directory;

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private Path written(long zip64From) throws IOException {
        StoredZip zip = new StoredZip(ENTRIES, zip64From);
        Path file = directory.resolve("a.zip");
        try (OutputStream out = Files.newOutputStream(file)) {
            zip.write(out, (entry, to) -> to.write(CONTENTS.get(entry)));
        }
        assertThat(Files.size(file)).isEqualTo(zip.length());
        return file;
    }

    /** With ZIP64 for all entries, for some, for the directory alone, and for nothing. */
    @ParameterizedTest
    @ValueSource(longs = {0, 50, 100_000, 100_010, ORDINARY})
    void is_read_by_java(long zip64From) throws IOException {
        try (ZipFile zip = new ZipFile(written(zip64From).toFile())) {
            List<? extends ZipEntry> entries = zip.stream().toList();
            assertThat(entries)
                    .extracting(ZipEntry::getName)
                    .containsExactlyElementsOf(
                            ENTRIES.stream().map(StoredZip.Entry::name).toList());
            for (int i = 0; i < entries.size(); i++) {
                assertThat(entries.get(i).getMethod()).isEqualTo(ZipEntry.STORED);
                assertThat(entries.get(i).getTimeLocal()).hasToString("2026-03-04T05:06:08");
                try (InputStream content = zip.getInputStream(entries.get(i))) {
                    assertThat(content.readAllBytes()).isEqualTo(CONTENTS.get(i));
                }
            }
        }
    }

    /** By those of these programs that this machine has. */
    @ParameterizedTest
    @ValueSource(longs = {0, 50, ORDINARY})
    void is_read_by_other_programs(long zip64From) throws Exception {
        String zip = written(zip64From).toString();
        String python =
                """
                import sys, zipfile
                z = zipfile.ZipFile(sys.argv[1])
                assert z.testzip() is None
                assert z.namelist()[1] == 'Ä \u65e5\u672c \ud83c\udfac.mp3', ascii(z.namelist())
                assert [i.file_size for i in z.infolist()] == [100000, 0, 7]
                """;
        for (List<String> command :
                List.of(
                        List.of("unzip", "-tq", zip),
                        List.of("python3", "-c", python, zip),
                        List.of("7zz", "t", zip),
                        List.of("7z", "t", zip))) {
            if (!installed(command.getFirst())) {
                System.out.println("Not installed, so not tested: " + command.getFirst());
                continue;
            }
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
            assertThat(output.toLowerCase(java.util.Locale.ROOT)).doesNotContain("warning");
        }
    }

    private static boolean installed(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .anyMatch(path -> Files.isExecutable(Path.of(path, program)));
    }

    @Test
    void rejects_content_of_another_length_than_announced() {
        StoredZip zip = new StoredZip(ENTRIES);
        assertThatThrownBy(() ->
                        zip.write(new ByteArrayOutputStream(), (entry, out) -> out.write('x')))
                .isInstanceOf(IOException.class);
    }
}
