package dev.tomp3.converter.ffmpeg;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The ffmpeg of JAVE, which is of 2021. */
final class BundledFfmpeg {
    private BundledFfmpeg() {}

    /**
     * Unpacks it, without JAVE's locator, which trusts any file at a path that every user may write
     * to.
     */
    static Optional<Path> unpacked(Path directory) throws IOException {
        String system =
                System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac")
                        ? "-osx"
                        : "";
        String name = "ffmpeg-" + System.getProperty("os.arch") + system;
        @Nullable URL resource =
                BundledFfmpeg.class
                        .getClassLoader()
                        .getResource("ws/schild/jave/nativebin/" + name);
        if (resource == null) return Optional.empty();
        Path binary = directory.resolve(name);
        if (Files.isRegularFile(binary)
                && Files.size(binary) == resource.openConnection().getContentLengthLong()) {
            return Optional.of(binary);
        }
        Path temporary =
                Files.createTempFile(
                        directory,
                        name,
                        "",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
        try {
            try (InputStream in = resource.openStream()) {
                Files.copy(in, temporary, StandardCopyOption.REPLACE_EXISTING);
            }
            Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx------"));
            Files.move(temporary, binary, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
        return Optional.of(binary);
    }
}
