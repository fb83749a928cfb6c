package dev.tomp3.notification;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The mail server and the sender.
 *
 * @param host empty if no mails are sent
 * @param user empty if the server requires no login
 * @param from the sender's address, with or without a name
 * @param timeout for the connection and for each reply of the server
 * @param linkTtl how long a link in a mail works
 */
@ConfigurationProperties("tomp3.mail")
record MailProperties(
        String host,
        int port,
        String user,
        String password,
        String from,
        StartTls starttls,
        Duration timeout,
        Duration linkTtl) {
    /** The port of SMTP over implicit TLS. */
    private static final int SMTPS = 465;

    enum StartTls {
        /** If the server offers it; required if {@code SMTP_USER} is set. */
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

    boolean implicitTls() {
        return port == SMTPS;
    }

    boolean tlsWanted() {
        return starttls != StartTls.FALSE && !implicitTls();
    }

    boolean tlsRequired() {
        return tlsWanted() && (starttls == StartTls.REQUIRED || login());
    }
}
