package dev.tomp3.notification;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * How mails leave.
 *
 * @param host empty when no mails are sent
 * @param user empty when the server asks for no login
 * @param from the sender's address, with or without a name
 */
@ConfigurationProperties("tomp3.mail")
record MailProperties(
        String host, int port, String user, String password, String from, StartTls starttls) {
    /** The port on which a server speaks TLS from the first byte. */
    private static final int SMTPS = 465;

    enum StartTls {
        /** When the server offers it; only with it when there is a password to protect. */
        TRUE,
        FALSE,
        REQUIRED
    }

    boolean enabled() {
        return !host.isBlank();
    }

    boolean login() {
        return !user.isBlank();
    }

    boolean tlsFromTheStart() {
        return port == SMTPS;
    }

    boolean tlsWanted() {
        return starttls != StartTls.FALSE && !tlsFromTheStart();
    }

    boolean tlsRequired() {
        return tlsWanted() && (starttls == StartTls.REQUIRED || login());
    }
}
