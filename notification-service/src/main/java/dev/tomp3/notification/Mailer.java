package dev.tomp3.notification;

import dev.tomp3.jobs.DownloadLinks;
import dev.tomp3.jobs.DownloadLinks.Disposition;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Webhook;
import dev.tomp3.platform.InvalidConfiguration;
import dev.tomp3.platform.NanoClock;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.Properties;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;

/**
 * Sends mails over SMTP. All mails about one job have the same {@code Message-ID}, so that the
 * recipient's mail program recognises a repeated one.
 *
 * <p>After an attempt that failed slowly, no further attempt is made for as long as that one took.
 * Otherwise a mail server that hangs would delay every other notification.
 */
final class Mailer {
    private static final Logger log = LoggerFactory.getLogger(Mailer.class);

    /** An attempt that fails faster causes no back-off. */
    private static final Duration SLOW = Duration.ofSeconds(1);

    private static final String UTF_8 = StandardCharsets.UTF_8.name();

    /** A mail that was not sent. */
    static final class NotSentException extends Exception {
        private static final long serialVersionUID = 1L;

        private final boolean permanent;

        NotSentException(String reason, boolean permanent) {
            super(reason);
            this.permanent = permanent;
        }

        /** Whether the mail will be rejected again at every later attempt. */
        boolean permanent() {
            return permanent;
        }
    }

    /** Until {@code nanos} after {@code start}, no connection is made. */
    private record Backoff(long start, long nanos) {}

    private final MailProperties properties;
    private final String publicUrl;
    private final DownloadLinks links;
    private final Duration linkLifetime;
    private final Clock clock;
    private final NanoClock nanoClock;
    private final InternetAddress from;
    private final Session session;
    private volatile @Nullable Backoff backoff;

    Mailer(
            MailProperties properties,
            @Value("${tomp3.public-url}") URI publicUrl,
            DownloadLinks links,
            Clock clock,
            NanoClock nanoClock) {
        this.nanoClock = nanoClock;
        this.properties = properties;
        this.publicUrl = publicUrl.toString().replaceFirst("/+$", "");
        this.links = links;
        this.linkLifetime = properties.linkTtl();
        this.clock = clock;
        this.session = Session.getInstance(sessionProperties(properties));
        try {
            this.from = new InternetAddress(properties.from(), true);
        } catch (AddressException e) {
            throw new InvalidConfiguration("SMTP_FROM is not an address: " + properties.from());
        }
    }

    /** Whether mails are sent to this owner. */
    boolean sendsTo(Job.Owner owner) {
        return properties.enabled() && owner.mail();
    }

    /** Sends the mail about a job. Returns when the mail server has accepted it. */
    void send(Job job) throws NotSentException {
        Instant expiry = clock.instant().truncatedTo(ChronoUnit.SECONDS).plus(linkLifetime);
        Mail mail =
                job.failure() == null
                        ? Mail.done(
                                job,
                                publicUrl + links.toMp3(job, expiry, Disposition.ATTACHMENT),
                                expiry)
                        : Mail.failed(job, job.failure());
        send(mail, job.id(), job.owner());
    }

    /** Sends the mail about a webhook that was disabled. */
    void send(Webhook webhook) throws NotSentException {
        send(Mail.disabled(webhook), "webhook-" + webhook.notice(), webhook.owner());
    }

    /**
     * @param id of what the mail is about
     */
    private void send(Mail mail, String id, Job.Owner owner) throws NotSentException {
        Backoff last = backoff;
        long start = nanoClock.nanoTime();
        if (last != null && start - last.start() < last.nanos())
            throw new NotSentException("The mail server did not answer lately", false);
        try {
            MimeMessage message = message(mail, id, owner);
            Transport transport = session.getTransport();
            try {
                transport.connect(
                        properties.host(),
                        properties.port(),
                        properties.login() ? properties.user() : null,
                        properties.login() ? properties.password() : null);
                transport.sendMessage(message, message.getAllRecipients());
            } finally {
                close(transport);
            }
        } catch (MessagingException e) {
            long end = nanoClock.nanoTime();
            if (end - start > SLOW.toNanos()) backoff = new Backoff(end, end - start);
            throw notSent(e);
        }
    }

    private MimeMessage message(Mail mail, String id, Job.Owner owner) throws MessagingException {
        MimeMessage message =
                new MimeMessage(session) {
                    @Override
                    protected void updateMessageID() throws MessagingException {
                        setHeader("Message-ID", "<" + id + "@tomp3>");
                    }
                };
        message.setFrom(from);
        message.setRecipient(Message.RecipientType.TO, new InternetAddress(owner.email(), true));
        message.setSubject(mail.subject(), UTF_8);
        message.setSentDate(Date.from(clock.instant()));
        message.setHeader("Auto-Submitted", "auto-generated"); // suppresses automatic replies
        MimeBodyPart plain = new MimeBodyPart();
        plain.setText(mail.plain(), UTF_8);
        MimeBodyPart html = new MimeBodyPart();
        html.setText(mail.html(), UTF_8, "html");
        // the preferred alternative comes last (RFC 2046)
        message.setContent(new MimeMultipart("alternative", plain, html));
        message.saveChanges();
        return message;
    }

    /**
     * Rejections of the recipient or of this mail are permanent. A rejected login or sender is not:
     * an operator can correct it. The innermost exception carries the server's reply.
     */
    private static NotSentException notSent(MessagingException e) {
        boolean permanent = false;
        String reason = "";
        for (@Nullable Exception cause = e;
                cause instanceof MessagingException rejection;
                cause = rejection.getNextException()) {
            reason = String.valueOf(rejection.getMessage());
            permanent |=
                    switch (rejection) {
                        case AddressException address -> true;
                        case SMTPAddressFailedException address -> address.getReturnCode() >= 500;
                        case SMTPSendFailedException mail ->
                                mail.getReturnCode() >= 500
                                        && !mail.getCommand().startsWith("MAIL ");
                        default -> false;
                    };
        }
        return new NotSentException(Text.oneLine(reason), permanent);
    }

    /** Closes a connection; an error does not undo that the mail was accepted. */
    private static void close(Transport transport) {
        try {
            transport.close();
        } catch (MessagingException e) {
            log.debug("Closing the connection to the mail server failed: {}", e.toString());
        }
    }

    private static Properties sessionProperties(MailProperties properties) {
        String timeout = Long.toString(properties.timeout().toMillis());
        Properties session = new Properties();
        session.setProperty("mail.transport.protocol", "smtp");
        session.setProperty("mail.smtp.connectiontimeout", timeout);
        session.setProperty("mail.smtp.timeout", timeout);
        session.setProperty("mail.smtp.writetimeout", timeout);
        session.setProperty("mail.smtp.quitwait", "false");
        session.setProperty("mail.smtp.auth", Boolean.toString(properties.login()));
        session.setProperty("mail.smtp.ssl.enable", Boolean.toString(properties.implicitTls()));
        session.setProperty("mail.smtp.starttls.enable", Boolean.toString(properties.tlsWanted()));
        session.setProperty(
                "mail.smtp.starttls.required", Boolean.toString(properties.tlsRequired()));
        return session;
    }
}
