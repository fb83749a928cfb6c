package dev.tomp3.notification;

import dev.tomp3.jobs.WebhookDeliveries.Claimed;
import dev.tomp3.jobs.WebhookDelivery;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.utils.DateUtils;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends one message to one webhook, once: redirects are not followed and nothing is repeated. Each
 * request has a connection of its own, to an address that the {@link EgressGuard} has checked.
 *
 * <p>An attempt ends within the time limit, from the connection to the end of the response, however
 * slowly the receiver answers. Of the response, its status counts; its body is read up to a limit
 * and thrown away.
 */
final class WebhookSender implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WebhookSender.class);

    /** For an attempt. */
    static final Duration TIME_LIMIT = Duration.ofSeconds(15);

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final int MAX_BODY = 64 * 1024;
    private static final int MAX_HEADERS = 100;
    private static final int MAX_LINE = 8 * 1024;

    /**
     * What came of an attempt.
     *
     * @param status of the response; null when there was none
     * @param error a code for the owner; null when a response came
     * @param retryAfter when the receiver wants the next attempt
     */
    record Outcome(
            @Nullable Integer status, @Nullable String error, @Nullable Duration retryAfter) {
        private static final int OK = 200;
        private static final int REDIRECT = 300;
        private static final int GONE = 410;

        static Outcome failed(String error) {
            return new Outcome(null, error, null);
        }

        boolean accepted() {
            return status != null && status >= OK && status < REDIRECT;
        }

        boolean gone() {
            return status != null && status == GONE;
        }
    }

    private final Clock clock;
    private final Duration timeLimit;
    private final CloseableHttpClient client;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("webhook-timer").daemon().factory());

    /**
     * @param maxConnections at the same time
     */
    WebhookSender(
            EgressGuard guard,
            SSLContext tls,
            Clock clock,
            Duration timeLimit,
            int maxConnections) {
        this.clock = clock;
        this.timeLimit = timeLimit;
        Timeout timeout = Timeout.of(timeLimit);
        this.client =
                HttpClients.custom()
                        .setConnectionManager(
                                PoolingHttpClientConnectionManagerBuilder.create()
                                        .setDnsResolver(guard)
                                        .setTlsSocketStrategy(new DefaultClientTlsStrategy(tls))
                                        .setDefaultTlsConfig(
                                                TlsConfig.custom()
                                                        .setHandshakeTimeout(timeout)
                                                        .build())
                                        .setDefaultConnectionConfig(
                                                ConnectionConfig.custom()
                                                        .setConnectTimeout(
                                                                Timeout.of(CONNECT_TIMEOUT))
                                                        .setSocketTimeout(timeout)
                                                        .build())
                                        .setDefaultSocketConfig(
                                                SocketConfig.custom().setSoTimeout(timeout).build())
                                        .setConnectionFactory(
                                                ManagedHttpClientConnectionFactory.builder()
                                                        .http1Config(
                                                                Http1Config.custom()
                                                                        .setMaxHeaderCount(
                                                                                MAX_HEADERS)
                                                                        .setMaxLineLength(MAX_LINE)
                                                                        .build())
                                                        .build())
                                        // one host may have the webhooks of many owners
                                        .setMaxConnPerRoute(maxConnections)
                                        .setMaxConnTotal(maxConnections)
                                        .build())
                        .setConnectionReuseStrategy((_, _, _) -> false)
                        .setUserAgent("tomp3-webhooks/1")
                        .disableRedirectHandling()
                        .disableAutomaticRetries()
                        .disableCookieManagement()
                        .disableAuthCaching()
                        .disableContentCompression()
                        .build();
    }

    Outcome send(Claimed claimed) {
        HttpPost request = request(claimed);
        AtomicBoolean late = new AtomicBoolean();
        Future<?> timeout =
                timer.schedule(
                        () -> {
                            late.set(true);
                            request.cancel();
                        },
                        timeLimit.toMillis(),
                        TimeUnit.MILLISECONDS);
        try {
            Outcome outcome = send(request);
            return late.get() ? Outcome.failed("timed-out") : outcome;
        } catch (IOException e) {
            log.debug("Webhook {}: {}", claimed.webhook().id(), e.toString());
            return Outcome.failed(late.get() ? "timed-out" : code(e));
        } finally {
            timeout.cancel(false);
        }
    }

    private HttpPost request(Claimed claimed) {
        WebhookDelivery delivery = claimed.delivery();
        Instant now = clock.instant();
        long timestamp = now.getEpochSecond();
        HttpPost request = new HttpPost(URI.create(claimed.webhook().url()));
        request.setHeader("webhook-id", delivery.id());
        request.setHeader("webhook-timestamp", timestamp);
        request.setHeader(
                "webhook-signature",
                WebhookSignature.of(
                        claimed.webhook().secretsAt(now),
                        delivery.id(),
                        timestamp,
                        delivery.body()));
        request.setHeader(HttpHeaders.CONNECTION, "close");
        request.setEntity(new StringEntity(delivery.body(), ContentType.APPLICATION_JSON));
        return request;
    }

    private Outcome send(HttpPost request) throws IOException {
        ClassicHttpResponse response = client.executeOpen(null, request, null);
        try {
            skipBody(response.getEntity());
            return new Outcome(response.getCode(), null, retryAfter(response));
        } finally {
            // before the response is closed, which would read the rest of its body
            request.cancel();
            close(response);
        }
    }

    private static void skipBody(@Nullable HttpEntity body) throws IOException {
        if (body == null) return;
        InputStream in = body.getContent();
        if (in != null) in.readNBytes(MAX_BODY);
    }

    private static void close(ClassicHttpResponse response) {
        try {
            response.close();
        } catch (IOException e) {
            log.debug("Closing a response failed: {}", e.toString());
        }
    }

    /** In seconds or as a date (RFC 9110); anything else is ignored. */
    private @Nullable Duration retryAfter(ClassicHttpResponse response) {
        Header header = response.getFirstHeader(HttpHeaders.RETRY_AFTER);
        if (header == null) return null;
        String value = header.getValue().strip();
        if (value.matches("[0-9]{1,9}")) return Duration.ofSeconds(Long.parseLong(value));
        Instant date = DateUtils.parseStandardDate(value);
        return date == null ? null : Duration.between(clock.instant(), date);
    }

    private static String code(IOException e) {
        return switch (e) {
            case EgressGuard.RefusedException refused -> "address-not-public";
            case UnknownHostException unknown -> "unknown-host";
            case InterruptedIOException timeout -> "timed-out";
            case SSLException tls -> "tls-failed";
            default -> "connection-failed";
        };
    }

    @Override
    public void close() throws IOException {
        timer.shutdownNow();
        client.close();
    }
}
