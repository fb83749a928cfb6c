package dev.tomp3.gateway;

import dev.tomp3.jobs.Webhook;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What users may say about a webhook. Whether its address is public is decided when something is
 * sent there, as names change their addresses.
 */
final class WebhookFields {
    private static final int MAX_URL = 2048;
    private static final int MAX_DESCRIPTION = 200;
    private static final int FIRST_UNPRIVILEGED_PORT = 1024;
    private static final int MAX_PORT = 65_535;

    private WebhookFields() {}

    static String url(String text) {
        if (text.length() > MAX_URL) throw invalid("url has at most " + MAX_URL + " characters.");
        URI url;
        try {
            url = new URI(text);
        } catch (URISyntaxException e) {
            throw invalid("url is not a URL.");
        }
        String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https"))
            throw invalid("url begins with https:// or http://.");
        if (url.getHost() == null) throw invalid("url has no host.");
        if (url.getRawUserInfo() != null || url.getRawFragment() != null)
            throw invalid("url has neither a user nor a fragment.");
        if (!isPort(url.getPort())) throw invalid("url has port 80, 443 or one from 1024 on.");
        return url.toASCIIString();
    }

    /** Other services listen on the other ports. */
    private static boolean isPort(int port) {
        return port == -1
                || port == 80
                || port == 443
                || (port >= FIRST_UNPRIVILEGED_PORT && port <= MAX_PORT);
    }

    static List<Webhook.Event> events(List<@Nullable String> texts) {
        List<Webhook.Event> events = new ArrayList<>();
        for (String text : texts) {
            Webhook.Event event =
                    Webhook.Event.of(text == null ? "" : text)
                            .orElseThrow(() -> invalid("An event is job.done or job.failed."));
            if (!events.contains(event)) events.add(event);
        }
        if (events.isEmpty()) throw invalid("events is empty.");
        return events;
    }

    static @Nullable String description(@Nullable String text) {
        if (text != null && text.length() > MAX_DESCRIPTION)
            throw invalid("description has at most " + MAX_DESCRIPTION + " characters.");
        return text;
    }

    private static ProblemException invalid(String detail) {
        return new ProblemException(Problem.INVALID_WEBHOOK, detail);
    }
}
