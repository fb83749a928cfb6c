package dev.tomp3.notification;

import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Warning;
import dev.tomp3.jobs.Webhook;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.HtmlUtils;

/**
 * The text of a mail. Everything that comes from outside, such as the name of the video and the
 * names of its tracks in warnings, is escaped.
 */
record Mail(String subject, String plain, String html) {
    private static final int MAX_SUBJECT_LENGTH = 150;
    private static final DateTimeFormatter UTC =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm").withZone(ZoneOffset.UTC);
    private static final String WARNINGS = "Please note about this MP3:";

    /** The warnings as lines of text. */
    private static List<String> warnings(Job job) {
        Job.Result result = job.result();
        return result == null ? List.of() : result.warnings().stream().map(Mail::line).toList();
    }

    private static String line(Warning warning) {
        String message = Text.oneLine(warning.message());
        @Nullable Long at = warning.atMs();
        return at == null
                ? message
                : "At %d:%02d: %s".formatted(at / 60_000, at / 1000 % 60, message);
    }

    /**
     * The mail about a job that is done.
     *
     * @param url of the MP3, without a login, until the expiry
     */
    static Mail done(Job job, String url, Instant expiry) {
        String name = Text.oneLine(job.source().name());
        List<String> warnings = warnings(job);
        String end = UTC.format(expiry);
        return new Mail(
                shortened("Your MP3 is ready: " + name),
                """
                The MP3 of "%s" is ready. Download it from

                %s

                The link works without a login, at most until %s UTC.
                Do not pass it on, unless others may have the MP3.

                %sJob: %s
                """
                        .formatted(name, url, end, plain(warnings), job.id()),
                """
                <!DOCTYPE html>
                <html lang="en"><body>
                <p>The MP3 of <b>%s</b> is ready. Download it from</p>
                <p><a href="%s">%s</a></p>
                <p>The link works without a login, at most until %s UTC.
                Do not pass it on, unless others may have the MP3.</p>
                %s<p>Job: <code>%s</code></p>
                </body></html>
                """
                        .formatted(
                                escape(name),
                                escape(url),
                                escape(url),
                                end,
                                html(warnings),
                                job.id()));
    }

    private static String plain(List<String> warnings) {
        if (warnings.isEmpty()) return "";
        return warnings.stream()
                .map(warning -> "- " + warning + "\n")
                .collect(Collectors.joining("", WARNINGS + "\n\n", "\n"));
    }

    private static String html(List<String> warnings) {
        if (warnings.isEmpty()) return "";
        return warnings.stream()
                .map(warning -> "<li>" + escape(warning) + "</li>")
                .collect(Collectors.joining("", "<p>" + WARNINGS + "</p>\n<ul>", "</ul>\n"));
    }

    /** The mail about a job that has failed. */
    static Mail failed(Job job, Failure failure) {
        String name = Text.oneLine(job.source().name());
        String reason = Text.oneLine(failure.message());
        return new Mail(
                shortened("No MP3 could be made of " + name),
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

    /** The mail about a webhook that was disabled. Its address may contain a secret. */
    static Mail disabled(Webhook webhook) {
        String host = Text.oneLine(String.valueOf(URI.create(webhook.url()).getHost()));
        String reason =
                webhook.disabled() == Webhook.Disabled.GONE
                        ? "It answered that it is gone (410)."
                        : "A message could not be delivered in ten attempts over more than three"
                                + " days.";
        return new Mail(
                shortened("Your webhook was disabled: " + host),
                """
                Your webhook at %s was disabled. %s

                To see what was not delivered: GET /webhooks/%s/deliveries
                To enable it again: PATCH /webhooks/%s {"disabled":false}
                """
                        .formatted(host, reason, webhook.id(), webhook.id()),
                """
                <!DOCTYPE html>
                <html lang="en"><body>
                <p>Your webhook at <b>%s</b> was disabled. %s</p>
                <p>To see what was not delivered: <code>GET /webhooks/%s/deliveries</code><br>
                To enable it again: <code>PATCH /webhooks/%s {"disabled":false}</code></p>
                </body></html>
                """
                        .formatted(escape(host), reason, webhook.id(), webhook.id()));
    }

    private static String shortened(String subject) {
        return subject.codePointCount(0, subject.length()) <= MAX_SUBJECT_LENGTH
                ? subject
                : subject.substring(0, subject.offsetByCodePoints(0, MAX_SUBJECT_LENGTH - 1))
                        + "\u2026";
    }

    private static String escape(String text) {
        return HtmlUtils.htmlEscape(text, StandardCharsets.UTF_8.name());
    }
}
