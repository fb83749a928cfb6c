package dev.tomp3.gateway;

import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;

/** The header {@code Upload-Checksum}: an algorithm, and the digest of a request's body. */
final class Checksum {
    private static final Map<String, String> ALGORITHMS =
            Map.of("sha1", "SHA-1", "sha256", "SHA-256");

    /** As the header {@code Tus-Checksum-Algorithm} lists them. */
    static final String NAMES = "sha1,sha256";

    private final MessageDigest digest;
    private final byte[] expected;

    private Checksum(MessageDigest digest, byte[] expected) {
        this.digest = digest;
        this.expected = expected;
    }

    /**
     * Parses the header.
     *
     * @throws ProblemException 400 when the algorithm is not supported
     */
    static Checksum parse(String header) {
        String[] words = header.strip().split(" ", -1);
        String algorithm = ALGORITHMS.get(words[0]);
        if (words.length != 2 || algorithm == null) throw unsupported();
        try {
            byte[] expected = Base64.getDecoder().decode(words[1]);
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            if (expected.length != digest.getDigestLength()) throw unsupported();
            return new Checksum(digest, expected);
        } catch (IllegalArgumentException e) {
            throw unsupported();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has both
        }
    }

    private static ProblemException unsupported() {
        return new ProblemException(
                Problem.MALFORMED_REQUEST,
                "Upload-Checksum is one of " + NAMES + ", a space, and the digest in Base64.");
    }

    /** The same bytes, of which the digest is computed while they are read. */
    InputStream of(InputStream body) {
        return new DigestInputStream(body, digest);
    }

    /** Whether the bytes that were read have this checksum; may be asked once. */
    boolean isRight() {
        return MessageDigest.isEqual(digest.digest(), expected);
    }
}
