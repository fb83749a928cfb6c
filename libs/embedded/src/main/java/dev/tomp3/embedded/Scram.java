package dev.tomp3.embedded;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.spec.KeySpec;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The server side of SCRAM-SHA-256 (RFC 5802, RFC 7677) for one user, without channel binding.
 *
 * <p>An unknown user is rejected only after the proof, like a wrong password, and both are compared
 * in constant time.
 *
 * <p>The number of iterations slows down who guesses passwords. Here it is the smallest that RFC
 * 7677 allows and drivers accept, because nobody guesses a password that a program has drawn.
 */
final class Scram {
    static final String MECHANISM = "SCRAM-SHA-256";
    private static final int ITERATIONS = 4096;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final byte[] user;
    private final String salt;
    private final byte[] storedKey;
    private final byte[] serverKey;

    Scram(String user, String password) {
        this.user = bytes(user);
        byte[] saltBytes = random(16);
        this.salt = Base64.getEncoder().encodeToString(saltBytes);
        try {
            KeySpec spec = new PBEKeySpec(password.toCharArray(), saltBytes, ITERATIONS, 256);
            byte[] salted =
                    SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                            .generateSecret(spec)
                            .getEncoded();
            this.storedKey = sha256(hmac(salted, "Client Key"));
            this.serverKey = hmac(salted, "Server Key");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM lacks a required algorithm", e);
        }
    }

    /** Reads the first message of the client. */
    Exchange begin(String clientFirst) throws AuthenticationFailed {
        if (!clientFirst.startsWith("n,,") && !clientFirst.startsWith("y,,")) {
            throw new AuthenticationFailed();
        }
        String header = clientFirst.substring(0, 3);
        String bare = clientFirst.substring(3);
        Map<String, String> fields = fields(bare);
        String name = required(fields, "n").replace("=2C", ",").replace("=3D", "=");
        String nonce = required(fields, "r") + Base64.getEncoder().encodeToString(random(18));
        return new Exchange(
                MessageDigest.isEqual(user, bytes(name)),
                Base64.getEncoder().encodeToString(bytes(header)),
                bare,
                nonce);
    }

    /** One authentication. */
    final class Exchange {
        private final boolean knownUser;
        private final String binding;
        private final String clientFirstBare;
        private final String nonce;

        private Exchange(boolean knownUser, String binding, String clientFirstBare, String nonce) {
            this.knownUser = knownUser;
            this.binding = binding;
            this.clientFirstBare = clientFirstBare;
            this.nonce = nonce;
        }

        /** The first message of the server. */
        String challenge() {
            return "r=" + nonce + ",s=" + salt + ",i=" + ITERATIONS;
        }

        /** Reads the final message of the client and returns that of the server. */
        String finish(String clientFinal) throws AuthenticationFailed {
            int at = clientFinal.lastIndexOf(",p=");
            if (at < 0) {
                throw new AuthenticationFailed();
            }
            String withoutProof = clientFinal.substring(0, at);
            Map<String, String> fields = fields(withoutProof);
            String exchanged = clientFirstBare + "," + challenge() + "," + withoutProof;
            byte[] key;
            byte[] signature;
            try {
                key = Base64.getDecoder().decode(clientFinal.substring(at + 3));
                byte[] mask = hmac(storedKey, exchanged);
                if (key.length != mask.length) {
                    throw new AuthenticationFailed();
                }
                for (int i = 0; i < key.length; i++) {
                    key[i] ^= mask[i];
                }
                key = sha256(key);
                signature = hmac(serverKey, exchanged);
            } catch (IllegalArgumentException e) {
                throw new AuthenticationFailed();
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("this JVM lacks a required algorithm", e);
            }
            boolean proved = MessageDigest.isEqual(storedKey, key);
            if (!proved
                    || !knownUser
                    || !nonce.equals(required(fields, "r"))
                    || !binding.equals(required(fields, "c"))) {
                throw new AuthenticationFailed();
            }
            return "v=" + Base64.getEncoder().encodeToString(signature);
        }
    }

    /** The client did not prove that it knows the password, or does not speak the protocol. */
    static final class AuthenticationFailed extends Exception {
        private static final long serialVersionUID = 1L;

        AuthenticationFailed() {
            super("authentication failed", null, false, false);
        }
    }

    private static Map<String, String> fields(String message) {
        Map<String, String> fields = new HashMap<>();
        for (String field : message.split(",", -1)) {
            if (field.length() > 2 && field.charAt(1) == '=') {
                fields.put(field.substring(0, 1), field.substring(2));
            }
        }
        return fields;
    }

    private static String required(Map<String, String> fields, String name)
            throws AuthenticationFailed {
        String value = fields.get(name);
        if (value == null) {
            throw new AuthenticationFailed();
        }
        return value;
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] sha256(byte[] data) throws GeneralSecurityException {
        return MessageDigest.getInstance("SHA-256").digest(data);
    }

    private static byte[] hmac(byte[] key, String message) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(bytes(message));
    }
}
