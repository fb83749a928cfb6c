package dev.tomp3.notification;

import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.Job;
import dev.tomp3.platform.InvalidConfiguration;
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
import java.util.Date;
import java.util.Properties;
import java.util.function.LongSupplier;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.web.util.HtmlUtils;

/**
 * Writes to owners how their jobs ended. The mail about a job has the same {@code Message-ID} each
 * time it is sent, so that one sent twice is recognised; and whatever comes from outside, the
 * video's name above all, is escaped where it stands.
 *
 * <p>A mail server that keeps us waiting and then does not take the mail is left alone for as long
 * as it kept us waiting: otherwise each mail would hold up whoever else is to be told.
 */
final class Mail {
    private static final Logger log = LoggerFactory.getLogger(Mail.class);
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(5);

    /** A server that fails within that time holds up nobody. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final String UTF_8 = StandardCharsets.UTF_8.name();
    private static final int LONGEST_SUBJECT = 150;

    /** A mail that did not leave. */
    static final class NotSent extends Exception {
        private static final long serialVersionUID = 1L;

        private final boolean forGood;

        NotSent(String reason, boolean forGood) {
            super(reason);
            this.forGood = forGood;
        }

        /** True when this mail will not be taken later, either. */
        boolean forGood() {
            return forGood;
        }
    }

    private record Content(String subject, String plain, String html) {}

    private final MailProperties properties;
    private final String publicUrl;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final InternetAddress from;
    private final Session session;

    /** How long the server kept a mail waiting for nothing, and until when. */
    private record Silence(long nanos, long end) {}

    private volatile @Nullable Silence silence;

    @Autowired
    Mail(MailProperties properties, @Value("${tomp3.public-url}") URI publicUrl, Clock clock) {
        this(properties, publicUrl, clock, System::nanoTime);
    }

    Mail(MailProperties properties, URI publicUrl, Clock clock, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.properties = properties;
        this.publicUrl = publicUrl.toString().replaceFirst("/+$", "");
        this.clock = clock;
        this.session = Session.getInstance(settings(properties));
        try {
            this.from = new InternetAddress(properties.from(), true);
        } catch (AddressException e) {
            throw new InvalidConfiguration("SMTP_FROM is not an address: " + properties.from());
        }
    }

    /** Whether the owner can be written to. */
    boolean reaches(Job.Owner owner) {
        return properties.enabled() && owner.mail();
    }

    /** Returns when the mail server has taken the mail. */
    void send(Job job) throws NotSent {
        Silence before = silence;
        long start = nanoTime.getAsLong();
        if (before != null && start - before.end() < before.nanos())
            throw new NotSent("The mail server did not answer lately", false);
        try {
            MimeMessage message = compose(job);
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
            long end = nanoTime.getAsLong();
            if (end - start > PATIENCE.toNanos()) silence = new Silence(end - start, end);
            throw refusal(e);
        }
    }

    private MimeMessage compose(Job job) throws MessagingException {
        Content content = content(job);
        MimeMessage message =
                new MimeMessage(session) {
                    @Override
                    protected void updateMessageID() throws MessagingException {
                        setHeader("Message-ID", "<" + job.id() + "@tomp3>");
                    }
                };
        message.setFrom(from);
        message.setRecipient(
                Message.RecipientType.TO, new InternetAddress(job.owner().email(), true));
        message.setSubject(content.subject(), UTF_8);
        message.setSentDate(Date.from(clock.instant()));
        message.setHeader("Auto-Submitted", "auto-generated"); // no answer from who is on holiday
        MimeBodyPart plain = new MimeBodyPart();
        plain.setText(content.plain(), UTF_8);
        MimeBodyPart html = new MimeBodyPart();
        html.setText(content.html(), UTF_8, "html");
        message.setContent(new MimeMultipart("alternative", plain, html)); // the best comes last
        message.saveChanges();
        return message;
    }

    private Content content(Job job) {
        String name = Text.oneLine(job.source().name());
        Failure failure = job.failure();
        if (failure != null) {
            String reason = Text.oneLine(failure.message());
            return new Content(
                    subject("No MP3 could be made of " + name),
                    """
                    No MP3 could be made of "%s".

                    %s

                    Job: %s
                    """
                            .formatted(name, reason, job.id()),
                    """
                    <!DOCTYPE html>
                    <html lang="en"><body>
                    <p>No MP3 could be made of <b>%s</b>.</p>
                    <p>%s</p>
                    <p>Job: <code>%s</code></p>
                    </body></html>
                    """
                            .formatted(escape(name), escape(reason), job.id()));
        }
        String address = publicUrl + "/download?fid=" + job.id();
        return new Content(
                subject("Your MP3 is ready: " + name),
                """
                The MP3 of "%s" is ready. With your login, download it from

                %s

                Job: %s
                """
                        .formatted(name, address, job.id()),
                """
                <!DOCTYPE html>
                <html lang="en"><body>
                <p>The MP3 of <b>%s</b> is ready. With your login, download it from</p>
                <p><a href="%s">%s</a></p>
                <p>Job: <code>%s</code></p>
                </body></html>
                """
                        .formatted(escape(name), escape(address), escape(address), job.id()));
    }

    private static String subject(String text) {
        return text.codePointCount(0, text.length()) <= LONGEST_SUBJECT
                ? text
                : text.substring(0, text.offsetByCodePoints(0, LONGEST_SUBJECT - 1)) + "\u2026";
    }

    private static String escape(String text) {
        return HtmlUtils.htmlEscape(text, UTF_8);
    }

    /**
     * For good is what the server has against this recipient or this mail. When it refuses the
     * login or the sender, a person may set that right, and until then it is as if the server were
     * away. The innermost exception carries the server's own words.
     */
    private static NotSent refusal(MessagingException e) {
        boolean forGood = false;
        String reason = "";
        for (@Nullable Exception cause = e;
                cause instanceof MessagingException refusal;
                cause = refusal.getNextException()) {
            reason = String.valueOf(refusal.getMessage());
            forGood |=
                    switch (refusal) {
                        case AddressException address -> true;
                        case SMTPAddressFailedException address -> address.getReturnCode() >= 500;
                        case SMTPSendFailedException mail ->
                                mail.getReturnCode() >= 500
                                        && !mail.getCommand().startsWith("MAIL ");
                        default -> false;
                    };
        }
        return new NotSent(Text.oneLine(reason), forGood);
    }

    /** What was taken is taken, however the farewell goes. */
    private static void close(Transport transport) {
        try {
            transport.close();
        } catch (MessagingException e) {
            log.debug("The mail server did not say goodbye: {}", e.toString());
        }
    }

    private static Properties settings(MailProperties properties) {
        Properties settings = new Properties();
        settings.setProperty("mail.transport.protocol", "smtp");
        settings.setProperty("mail.smtp.connectiontimeout", Long.toString(CONNECT.toMillis()));
        settings.setProperty("mail.smtp.timeout", Long.toString(ANSWER.toMillis()));
        settings.setProperty("mail.smtp.writetimeout", Long.toString(ANSWER.toMillis()));
        settings.setProperty("mail.smtp.quitwait", "false");
        settings.setProperty("mail.smtp.auth", Boolean.toString(properties.login()));
        settings.setProperty(
                "mail.smtp.ssl.enable", Boolean.toString(properties.tlsFromTheStart()));
        settings.setProperty("mail.smtp.starttls.enable", Boolean.toString(properties.tlsWanted()));
        settings.setProperty(
                "mail.smtp.starttls.required", Boolean.toString(properties.tlsRequired()));
        return settings;
    }
}
