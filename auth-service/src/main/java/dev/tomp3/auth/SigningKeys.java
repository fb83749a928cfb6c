package dev.tomp3.auth;

import dev.tomp3.platform.InvalidConfiguration;
import dev.tomp3.platform.NanoClock;
import io.jsonwebtoken.security.Jwks;
import io.jsonwebtoken.security.RsaPublicJwk;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.pem.PemContent;

/**
 * The keys in {@code JWT_KEYS_DIR}. All are published; the newest one signs. The newest is the last
 * modified, in seconds, and of several such files the last by name, because all files of a mounted
 * secret are written at once.
 *
 * <p>New and removed files take effect within five seconds. An invalid file is logged and the other
 * keys stay in use; without any valid file, the last known keys stay in use.
 */
final class SigningKeys {
    private static final Logger log = LoggerFactory.getLogger(SigningKeys.class);
    static final Duration REFRESH_INTERVAL = Duration.ofSeconds(5);
    private static final long MAX_FILE_SIZE = 64 * 1024;
    private static final int MIN_KEY_BITS = 2048;

    /**
     * @param jwk the public key, as it is published
     */
    record SigningKey(String id, RSAPrivateCrtKey privateKey, RsaPublicJwk jwk) {
        @Override
        public String toString() {
            return id;
        }
    }

    private record KeyFile(Path path, long modified, SigningKey key) {}

    private final Path directory;
    private final Duration refreshInterval;
    private final NanoClock clock;
    private final Set<String> bad = new HashSet<>();
    private volatile List<SigningKey> keys = List.of();
    private volatile long readAt;

    /**
     * @throws InvalidConfiguration when the directory has no usable key
     */
    SigningKeys(Path directory, Duration refreshInterval, NanoClock clock) {
        this.directory = directory;
        this.refreshInterval = refreshInterval;
        this.clock = clock;
        refresh();
        if (keys.isEmpty()) {
            throw new InvalidConfiguration(
                    "JWT_KEYS_DIR has no usable key: "
                            + directory.toAbsolutePath()
                            + " needs a *.pem file with an RSA private key, as from \"openssl"
                            + " genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048\"");
        }
    }

    /** Newest first. */
    List<SigningKey> all() {
        if (clock.since(readAt).compareTo(refreshInterval) > 0) refresh();
        return keys;
    }

    SigningKey newest() {
        return all().getFirst();
    }

    @Nullable RSAPublicKey publicKey(@Nullable String id) {
        for (SigningKey key : all()) {
            if (key.id().equals(id)) return key.jwk().toKey();
        }
        return null;
    }

    private synchronized void refresh() {
        if (!keys.isEmpty() && clock.since(readAt).compareTo(refreshInterval) <= 0) return;
        List<SigningKey> found = read();
        readAt = clock.nanoTime();
        if (found.isEmpty()) {
            if (!keys.isEmpty() && bad.add(""))
                log.error(
                        "JWT_KEYS_DIR no longer has a usable key; the last known keys stay in use");
            return;
        }
        bad.remove("");
        if (!found.equals(keys))
            log.info("Signing with key {}; {} keys are published", found.getFirst(), found.size());
        keys = found;
    }

    private List<SigningKey> read() {
        List<KeyFile> files = new ArrayList<>();
        Set<String> stillBad = new HashSet<>();
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(directory, "*.pem")) {
            for (Path path : paths) {
                try {
                    long modified = Files.getLastModifiedTime(path).to(TimeUnit.SECONDS);
                    files.add(new KeyFile(path, modified, parse(path)));
                } catch (IOException | GeneralSecurityException | RuntimeException e) {
                    String name = path.getFileName().toString();
                    stillBad.add(name);
                    // the name of the exception says why: the parser's message may contain a part
                    // of the key
                    if (bad.add(name))
                        log.warn(
                                "{} is not a usable signing key ({})",
                                path,
                                e.getClass().getName());
                }
            }
        } catch (IOException e) {
            log.warn("JWT_KEYS_DIR cannot be read: {}", e.toString());
            return List.of();
        }
        bad.removeIf(name -> !name.isEmpty() && !stillBad.contains(name));
        return files.stream()
                .sorted(
                        Comparator.comparingLong(KeyFile::modified)
                                .thenComparing(KeyFile::path)
                                .reversed())
                .map(KeyFile::key)
                .distinct()
                .toList();
    }

    /** Whoever writes the key signs tokens of every user. */
    private static final class WritableByOthersException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    private static boolean writableByOthers(Path path) throws IOException {
        PosixFileAttributeView file =
                Files.getFileAttributeView(path, PosixFileAttributeView.class);
        return file != null
                && file.readAttributes().permissions().contains(PosixFilePermission.OTHERS_WRITE);
    }

    private static SigningKey parse(Path path) throws IOException, GeneralSecurityException {
        if (Files.size(path) > MAX_FILE_SIZE)
            throw new IOException("The file is too large for a key");
        if (writableByOthers(path)) throw new WritableByOthersException();
        if (!(PemContent.of(Files.readString(path)).getPrivateKey()
                        instanceof RSAPrivateCrtKey secret)
                || secret.getModulus().bitLength() < MIN_KEY_BITS) {
            throw new GeneralSecurityException("Not an RSA key of 2048 bits or more");
        }
        RSAPublicKey open =
                (RSAPublicKey)
                        KeyFactory.getInstance("RSA")
                                .generatePublic(
                                        new RSAPublicKeySpec(
                                                secret.getModulus(), secret.getPublicExponent()));
        RsaPublicJwk jwk =
                Jwks.builder()
                        .key(open)
                        .algorithm(Tokens.ALGORITHM)
                        .publicKeyUse("sig")
                        .idFromThumbprint()
                        .build();
        return new SigningKey(jwk.getId(), secret, jwk);
    }
}
