package dev.tomp3.platform;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.coyote.AbstractProcessor;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's HTTP/1.1 with an end to its patience. Its own timeout begins anew with each byte, so
 * that a head which comes a byte at a time holds its connection for days; here a request's head is
 * there {@link #setHeadTimeout} after its first byte, or the connection is closed. Bodies may take
 * as long as they come at all: an upload is as fast as its sender's line.
 */
public final class HeaderTimeoutProtocol extends Http11NioProtocol {
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private long headTimeout = Duration.ofSeconds(30).toMillis();
    private @Nullable Future<?> watch;

    /** In milliseconds, as Tomcat's own. */
    public void setHeadTimeout(long millis) {
        headTimeout = millis;
    }

    @Override
    public void start() throws Exception {
        super.start();
        watch =
                getUtilityExecutor()
                        .scheduleWithFixedDelay(
                                this::closeSlow,
                                PAUSE.toMillis(),
                                PAUSE.toMillis(),
                                TimeUnit.MILLISECONDS);
    }

    @Override
    public void stop() throws Exception {
        if (watch != null) watch.cancel(false);
        super.stop();
    }

    private void closeSlow() {
        long now = System.nanoTime();
        for (SocketWrapperBase<NioChannel> connection : getEndpoint().getConnections()) {
            // there only while more of a head is waited for: it is taken away as soon as bytes come
            if (connection.getCurrentProcessor() instanceof AbstractProcessor processor
                    && !processor.isAsync()
                    && !processor.isUpgrade()) {
                long begun = processor.getRequest().getStartTimeNanos();
                if (begun >= 0 && now - begun > TimeUnit.MILLISECONDS.toNanos(headTimeout))
                    connection.close();
            }
        }
    }
}
