package dev.tomp3.auth;

import dev.tomp3.platform.InvalidConfiguration;
import io.jsonwebtoken.security.Jwks;
import io.jsonwebtoken.security.RsaPublicJwk;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
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
 * The keys in {@code JWT_KEYS_DIR}. All are published; the newest signs: the one last modified, by
 * the second (a mounted secret's files are all written anew at once), then the last by name.
 *
 * <p>Files that come and go are noticed within five seconds of use. A bad file is a warning and the
 * others go on; when none is left, the last known keys go on, because there is nothing better.
 */
final class SigningKeys {
    private static final Logger log = LoggerFactory.getLogger(SigningKeys.class);
    static final Duration FRESH = Duration.ofSeconds(5);
    private static final long LARGEST_FILE = 64 * 1024;
    private static final int SHORTEST = 2048;

    /**
     * @param jwk the public half, as it is published
     */
    record SigningKey(String id, RSAPrivateCrtKey privateKey, RsaPublicJwk jwk) {
        @Override
        public String toString() {
            return id;
        }
    }

    private record KeyFile(Path path, long modified, SigningKey key) {}

    private final Path directory;
    private final Duration fresh;
    private final Set<String> bad = new HashSet<>();
    private volatile List<SigningKey> keys = List.of();
    private volatile long read;

    /**
     * @throws InvalidConfiguration when the directory has no usable key
     */
    SigningKeys(Path directory, Duration fresh) {
        this.directory = directory;
        this.fresh = fresh;
        refresh();
        if (keys.isEmpty()) {
            throw new InvalidConfiguration(
                    "JWT_KEYS_DIR has no usable key: "
                            + directory.toAbsolutePath()
                            + " needs a *.pem file with an RSA private key, as from \"openssl"
                            + " genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048\"");
        }
    }

    /** The newest first. */
    List<SigningKey> all() {
        if (System.nanoTime() - read > fresh.toNanos()) refresh();
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
        if (!keys.isEmpty() && System.nanoTime() - read <= fresh.toNanos()) return;
        List<SigningKey> found = read();
        read = System.nanoTime();
        if (found.isEmpty()) {
            if (!keys.isEmpty() && bad.add(""))
                log.error("JWT_KEYS_DIR has no usable key any more; the last known ones go on");
            return;
        }
        bad.remove("");
        if (!found.equals(keys))
            log.info("signing with key {}, {} published", found.getFirst(), found.size());
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
                    // the parser's words may hold a piece of the key
                    if (bad.add(name))
                        log.warn("{} is no key to sign with ({})", path, e.getClass().getName());
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

    private static SigningKey parse(Path path) throws IOException, GeneralSecurityException {
        if (Files.size(path) > LARGEST_FILE) throw new IOException("Too large for a key");
        if (!(PemContent.of(Files.readString(path)).getPrivateKey()
                        instanceof RSAPrivateCrtKey secret)
                || secret.getModulus().bitLength() < SHORTEST) {
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
