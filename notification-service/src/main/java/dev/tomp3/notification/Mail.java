package dev.tomp3.notification;

import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.Job;
import java.nio.charset.StandardCharsets;
import org.springframework.web.util.HtmlUtils;

/**
 * The text of a mail. Everything that comes from outside, above all the name of the video, is
 * escaped.
 */
record Mail(String subject, String plain, String html) {
    private static final int MAX_SUBJECT_LENGTH = 150;

    /** The mail about a job that is done or has failed. */
    static Mail about(Job job, String publicUrl) {
        String name = Text.oneLine(job.source().name());
        Failure failure = job.failure();
        return failure == null
                ? done(name, publicUrl + "/download?fid=" + job.id(), job.id())
                : failed(name, Text.oneLine(failure.message()), job.id());
    }

    private static Mail done(String name, String url, String job) {
        return new Mail(
                shortened("Your MP3 is ready: " + name),
                """
                The MP3 of "%s" is ready. With your login, download it from

                %s

                Job: %s
                """
                        .formatted(name, url, job),
                """
                <!DOCTYPE html>
                <html lang="en"><body>
                <p>The MP3 of <b>%s</b> is ready. With your login, download it from</p>
                <p><a href="%s">%s</a></p>
                <p>Job: <code>%s</code></p>
                </body></html>
                """
                        .formatted(escape(name), escape(url), escape(url), job));
    }

    private static Mail failed(String name, String reason, String job) {
        return new Mail(
                shortened("No MP3 could be made of " + name),
                """
                No MP3 could be made of "%s".

                %s

                Job: %s
                """
                        .formatted(name, reason, job),
                """
                <!DOCTYPE html>
                <html lang="en"><body>
                <p>No MP3 could be made of <b>%s</b>.</p>
                <p>%s</p>
                <p>Job: <code>%s</code></p>
                </body></html>
                """
                        .formatted(escape(name), escape(reason), job));
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
