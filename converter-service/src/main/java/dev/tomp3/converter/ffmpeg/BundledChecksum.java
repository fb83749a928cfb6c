package dev.tomp3.converter.ffmpeg;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/**
 * The SHA-256 of the ffmpeg of JAVE 3.5.0 for each platform, as Maven Central has it. That is a
 * binary without a build to look at, and its copy lies in a directory of its user: what is run is
 * compared at each start.
 */
final class BundledChecksum {
    private static final Map<String, String> BY_NAME =
            Map.of(
                    "ffmpeg-amd64",
                    "3ea58083710f63bf920b16c7d5d24ae081e7d731f57a656fed11af0410d4eb48",
                    "ffmpeg-aarch64",
                    "97772dfc79fa8c483288de50c0a78904a1b79c94fa8a6b883677040e5bfc9b23",
                    "ffmpeg-x86_64-osx",
                    "e85870025386eeccea807cd2cc1d76606059a743607a08906241148b9810097c",
                    "ffmpeg-aarch64-osx",
                    "997f3d6465725e99e32edd8cf960d7d3e1166a3303be797b03121b1f7e73dd34");

    private BundledChecksum() {}

    /**
     * @throws IllegalStateException when it is another program; it is deleted, so that the next
     *     start unpacks it anew
     */
    static void require(Path binary) throws IOException {
        String expected = BY_NAME.get(binary.getFileName().toString());
        if (sha256(binary).equals(expected)) return;
        Files.delete(binary);
        throw new IllegalStateException(
                "The bundled ffmpeg is not the one that this program was made with, and was"
                        + " deleted: "
                        + binary
                        + ". Start again; if that does not help, build tomp3 anew");
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[64 * 1024];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer))
                digest.update(buffer, 0, read);
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
