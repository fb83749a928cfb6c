package dev.tomp3.endtoend;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Tokens of which none may hold, most of them signed by whom nobody knows. */
final class Forgery {
    private final PrivateKey right;
    private final PublicKey known;
    private final KeyPair foreign;
    private final String trap;
    private final Map<String, String> tokens = new LinkedHashMap<>();

    /**
     * Holds also auth's own key, for tokens that are signed right and say the wrong thing.
     *
     * @param keys the directory that auth has its key in
     * @param trap an address that no token may make anybody ask
     */
    Forgery(Path keys, String trap) throws IOException, GeneralSecurityException {
        String pem;
        try (var files = Files.list(keys)) {
            pem =
                    Files.readString(
                            files.filter(file -> file.toString().endsWith(".pem"))
                                    .findFirst()
                                    .orElseThrow());
        }
        byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
        KeyFactory rsa = KeyFactory.getInstance("RSA");
        RSAPrivateCrtKey key = (RSAPrivateCrtKey) rsa.generatePrivate(new PKCS8EncodedKeySpec(der));
        this.right = key;
        this.known =
                rsa.generatePublic(new RSAPublicKeySpec(key.getModulus(), key.getPublicExponent()));
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        this.foreign = generator.generateKeyPair();
        this.trap = trap;
    }

    /** By what is wrong with them; made from one that holds. */
    Map<String, String> tokens(String good) {
        tokens.clear();
        String[] parts = good.split("\\.", -1);
        String kid = json(parts[0]).get("kid").asString();
        ObjectNode claims = (ObjectNode) json(parts[1]);
        try {
            algorithms(parts, kid, claims);
            keys(kid, claims);
            claims(kid, claims);
            shapes(parts, good);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        return tokens;
    }

    private void algorithms(String[] parts, String kid, ObjectNode claims)
            throws GeneralSecurityException {
        for (String none : List.of("none", "None", "NONE", "nOnE", "", " none", "null")) {
            ObjectNode header = header(none, kid);
            tokens.put("alg '" + none + "'", unsigned(header, claims) + ".");
            tokens.put(
                    "alg '" + none + "' with a signature",
                    unsigned(header, claims) + "." + parts[2]);
            tokens.put("alg '" + none + "' without a dot", unsigned(header, claims));
        }
        byte[] spki = known.getEncoded();
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(spki);
        String pem = "-----BEGIN PUBLIC KEY-----\n" + base64 + "\n-----END PUBLIC KEY-----";
        BigInteger modulus = ((RSAPublicKey) known).getModulus();
        int secret = 0;
        for (byte[] guess :
                List.of(
                        spki,
                        bytes(pem),
                        bytes(pem + "\n"),
                        bytes(pem.replace("\n", "\r\n")),
                        bytes(base64),
                        modulus.toByteArray(),
                        bytes(
                                Base64.getUrlEncoder()
                                        .withoutPadding()
                                        .encodeToString(modulus.toByteArray())),
                        bytes(kid),
                        bytes("secret"),
                        new byte[] {0})) {
            secret++;
            for (String mac : List.of("HS256", "HS384", "HS512")) {
                tokens.put(
                        mac + " with what is public, " + secret,
                        mac(mac, header(mac, kid), claims, guess));
            }
            tokens.put(
                    "RS256 that is a MAC, " + secret,
                    mac("HS256", header("RS256", kid), claims, guess));
        }
        for (String other :
                List.of(
                        "RS384",
                        "RS512",
                        "PS256",
                        "ES256",
                        "ES512",
                        "EdDSA",
                        "HS256",
                        "dir",
                        "RSA-OAEP",
                        "rs256",
                        "RS256 ")) {
            tokens.put(
                    "alg " + other + " over a signature of RS256",
                    unsigned(header(other, kid), claims) + "." + parts[2]);
            tokens.put(
                    "alg " + other + ", signed right",
                    sign(header(other, kid), claims, right, "SHA256withRSA"));
        }
        tokens.put(
                "RS512, signed with the right key",
                sign(header("RS512", kid), claims, right, "SHA512withRSA"));
        tokens.put(
                "RS384, signed with the right key",
                sign(header("RS384", kid), claims, right, "SHA384withRSA"));
        tokens.put(
                "ES256 of zeros",
                unsigned(header("ES256", kid), claims) + "." + encode(new byte[64]));
        tokens.put(
                "RS256 of zeros",
                unsigned(header("RS256", kid), claims) + "." + encode(new byte[384]));
        tokens.put("a signature of nothing", unsigned(header("RS256", kid), claims) + ".");
        tokens.put(
                "a signature too short",
                unsigned(header("RS256", kid), claims) + "." + encode(new byte[1]));
        tokens.put(
                "a signature too long",
                unsigned(header("RS256", kid), claims) + "." + encode(new byte[2000]));
        tokens.put(
                "encrypted",
                encode(bytes("{\"alg\":\"dir\",\"enc\":\"A128GCM\"}")) + "..AAAA.AAAA.AAAA");
    }

    private void keys(String kid, ObjectNode claims) throws GeneralSecurityException {
        tokens.put("a foreign key", sign(header("RS256", kid), claims, foreign.getPrivate()));
        for (String id :
                List.of(
                        "unknown",
                        "",
                        " " + kid,
                        kid.toLowerCase(java.util.Locale.ROOT),
                        "../../../../../../dev/null",
                        "/proc/self/environ",
                        "tokens.pem",
                        "..\\..\\win.ini",
                        "' UNION SELECT 'secret' --",
                        "{\"$ne\":null}",
                        "| id",
                        trap,
                        "\0",
                        "\r\nX-Injected: yes",
                        "${jndi:" + trap + "}",
                        "k".repeat(2000))) {
            tokens.put(
                    "kid " + id.replaceAll("[^ -~]", "~"),
                    sign(header("RS256", id), claims, foreign.getPrivate()));
        }
        for (JsonNode id :
                List.of(
                        User.JSON.readTree("1"),
                        User.JSON.readTree("null"),
                        User.JSON.readTree("{}"),
                        User.JSON.readTree("[\"" + kid + "\"]"),
                        User.JSON.readTree("true"))) {
            ObjectNode header = header("RS256", "");
            header.set("kid", id);
            tokens.put("kid as " + id, sign(header, claims, foreign.getPrivate()));
        }
        ObjectNode none = header("RS256", "");
        none.remove("kid");
        tokens.put("no kid", sign(none, claims, right));
        RSAPublicKey theirs = (RSAPublicKey) foreign.getPublic();
        String jwk =
                "{\"kty\":\"RSA\",\"kid\":\"mine\",\"e\":\"AQAB\",\"n\":\""
                        + encode(theirs.getModulus().toByteArray())
                        + "\"}";
        for (String id : List.of(kid, "mine")) {
            for (Map.Entry<String, String> own :
                    Map.of(
                                    "jku", "\"" + trap + "/jwks.json\"",
                                    "x5u", "\"" + trap + "/chain.pem\"",
                                    "jwk", jwk,
                                    "x5c",
                                            "[\""
                                                    + Base64.getEncoder()
                                                            .encodeToString(theirs.getEncoded())
                                                    + "\"]",
                                    "x5t", "\"AAAA\"",
                                    "iss", "\"" + trap + "\"")
                            .entrySet()) {
                ObjectNode header = header("RS256", id);
                header.set(own.getKey(), User.JSON.readTree(own.getValue()));
                tokens.put(
                        "own " + own.getKey() + " for " + (id.equals(kid) ? "the known kid" : id),
                        sign(header, claims, foreign.getPrivate()));
            }
        }
        ObjectNode zipped = header("RS256", kid).put("zip", "DEF");
        tokens.put("zipped", sign(zipped, claims, right));
        ObjectNode critical = header("RS256", kid).put("tomp3", true);
        critical.putArray("crit").add("tomp3");
        tokens.put("critical", sign(critical, claims, right));
        ObjectNode plain = header("RS256", kid).put("b64", false);
        plain.putArray("crit").add("b64");
        tokens.put("not coded", sign(plain, claims, right));
    }

    /** Signed right, and said wrong: only auth could make these. */
    private void claims(String kid, ObjectNode claims) throws GeneralSecurityException {
        long now = claims.get("iat").asLong();
        for (String change :
                List.of(
                        "{\"iss\":\"other\"}",
                        "{\"iss\":\"tomp3 \"}",
                        "{\"iss\":\"TOMP3\"}",
                        "{\"iss\":null}",
                        "{\"iss\":[\"tomp3\"]}",
                        "{\"aud\":\"other\"}",
                        "{\"aud\":[]}",
                        "{\"aud\":[\"other\"]}",
                        "{\"aud\":null}",
                        "{\"exp\":" + (now - 1) + "}",
                        "{\"exp\":0}",
                        "{\"exp\":-1}",
                        "{\"exp\":null}",
                        "{\"exp\":\"never\"}",
                        "{\"exp\":[]}",
                        "{\"nbf\":" + (now + 100_000) + "}",
                        "{\"nbf\":\"later\"}",
                        "{\"sub\":null}",
                        "{\"sub\":\"\"}",
                        "{\"sub\":\"nobody\"}",
                        "{\"sub\":\"' OR '1'='1\"}",
                        "{\"sub\":\"00000000-0000-0000-0000-000000000000\"}",
                        "{\"sub\":{\"$ne\":null}}",
                        "{\"sub\":[]}",
                        "{\"jti\":null}",
                        "{\"gen\":null}",
                        "{\"gen\":-1}",
                        "{\"gen\":4711}",
                        "{\"gen\":\"0\"}",
                        "{\"gen\":{\"$gte\":0}}")) {
            ObjectNode changed = claims.deepCopy();
            User.JSON
                    .readTree(change)
                    .propertyStream()
                    .forEach(claim -> {
                        if (claim.getValue().isNull()) changed.remove(claim.getKey());
                        else changed.set(claim.getKey(), claim.getValue());
                    });
            tokens.put("claims " + change, sign(header("RS256", kid), changed, right));
        }
        for (String payload :
                List.of("", "null", "[]", "\"text\"", "{", "{}", "\0", "[".repeat(2000))) {
            String begin =
                    encode(bytes(header("RS256", kid).toString())) + "." + encode(bytes(payload));
            tokens.put(
                    "payload " + (payload.length() > 9 ? "deep" : payload.replace("\0", "~")),
                    begin + "." + encode(signature(begin, right, "SHA256withRSA")));
        }
        ObjectNode promoted = claims.deepCopy().put("admin", true);
        promoted.putArray("roles").add("admin");
        tokens.put(
                "promoted by a foreign key",
                sign(header("RS256", kid), promoted, foreign.getPrivate()));
    }

    private void shapes(String[] parts, String good) {
        for (int length :
                List.of(
                        1,
                        10,
                        50,
                        parts[0].length(),
                        parts[0].length() + 1,
                        150,
                        200,
                        300,
                        good.length() - 100,
                        good.length() - 20,
                        good.length() - 2)) {
            tokens.put("the first " + length, good.substring(0, length));
        }
        tokens.put("doubled", good + good);
        tokens.put("twice", good + "," + good);
        tokens.put("two signatures", good + "." + parts[2]);
        tokens.put("parts the other way round", parts[2] + "." + parts[1] + "." + parts[0]);
        tokens.put("a space in it", good.substring(0, 90) + " " + good.substring(90));
        tokens.put(
                "standard base64",
                parts[0]
                        + "."
                        + parts[1]
                        + "."
                        + Base64.getEncoder().encodeToString(new byte[384]));
        tokens.put("dots", "..");
        tokens.put("more dots", ".".repeat(1000));
        tokens.put("4 KB", "a".repeat(4097));
        tokens.put("15 KB", good + "a".repeat(15_000 - good.length()));
        tokens.put("20 KB", good + "a".repeat(20_000));
        tokens.put(
                "a header that is none",
                encode(bytes("rubbish")) + "." + parts[1] + "." + parts[2]);
        tokens.put(
                "a header that is deep",
                encode(bytes("[".repeat(2500))) + "." + parts[1] + "." + parts[2]);
        tokens.put(
                "a header that is a list", encode(bytes("[]")) + "." + parts[1] + "." + parts[2]);
        tokens.put("no base64", "!!.??.--");
        tokens.put("other letters", "\u0430" + good.substring(1));
        for (int i = 5; i < good.length(); i += good.length() / 12) {
            char other = good.charAt(i) == 'A' ? 'B' : 'A';
            tokens.put(
                    "another letter at " + i, good.substring(0, i) + other + good.substring(i + 1));
        }
    }

    private ObjectNode header(String algorithm, String kid) {
        return User.JSON.createObjectNode().put("kid", kid).put("alg", algorithm);
    }

    private static String sign(ObjectNode header, ObjectNode claims, PrivateKey key)
            throws GeneralSecurityException {
        return sign(header, claims, key, "SHA256withRSA");
    }

    private static String sign(ObjectNode header, ObjectNode claims, PrivateKey key, String how)
            throws GeneralSecurityException {
        String begin = unsigned(header, claims);
        return begin + "." + encode(signature(begin, key, how));
    }

    private static byte[] signature(String text, PrivateKey key, String how)
            throws GeneralSecurityException {
        Signature signature = Signature.getInstance(how);
        signature.initSign(key);
        signature.update(bytes(text));
        return signature.sign();
    }

    private static String mac(String algorithm, ObjectNode header, ObjectNode claims, byte[] secret)
            throws GeneralSecurityException {
        String begin = unsigned(header, claims);
        String name = "HmacSHA" + algorithm.substring(2);
        Key key = new SecretKeySpec(secret, name);
        Mac mac = Mac.getInstance(name);
        mac.init(key);
        return begin + "." + encode(mac.doFinal(bytes(begin)));
    }

    private static String unsigned(ObjectNode header, ObjectNode claims) {
        return encode(bytes(header.toString())) + "." + encode(bytes(claims.toString()));
    }

    private static JsonNode json(String part) {
        return User.JSON.readTree(Base64.getUrlDecoder().decode(part));
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
