import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.Base64;

/** Prints a new RSA key: PKCS#8, in base64. */
void main() throws GeneralSecurityException {
    var keys = KeyPairGenerator.getInstance("RSA");
    keys.initialize(3072);
    IO.println(Base64.getMimeEncoder().encodeToString(keys.generateKeyPair().getPrivate().getEncoded()));
}
