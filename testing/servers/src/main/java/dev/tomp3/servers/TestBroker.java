package dev.tomp3.servers;

import java.nio.file.Path;
import java.util.List;
import org.springframework.amqp.core.DeclarableCustomizer;

/**
 * An empty virtual host of one's own on the broker that was chosen; with the embedded one, a broker
 * of one's own.
 */
public abstract sealed class TestBroker implements AutoCloseable permits EmbeddedQpid, RabbitMq {
    public static TestBroker empty() {
        return Server.RABBITMQ.embedded() ? new EmbeddedQpid() : RabbitMq.chosen();
    }

    /**
     * One that no other test uses, so that it can end; a named server cannot.
     *
     * @param directory where the embedded one keeps its messages
     */
    public static TestBroker alone(Path directory) {
        if (Server.RABBITMQ.embedded()) return new EmbeddedQpid(directory);
        return Server.RABBITMQ.named().isPresent() ? RabbitMq.chosen() : RabbitMq.alone();
    }

    public abstract String host();

    public abstract int port();

    public abstract String user();

    public abstract String password();

    public abstract String virtualHost();

    /** What lets the services' declarations be understood here: on RabbitMQ, nothing. */
    public abstract DeclarableCustomizer declarables();

    /** Whether {@link #down} is possible. */
    public abstract boolean canEnd();

    /** The server ends without a warning; what is on its disk stays there. */
    public abstract void down();

    /** It begins again, where it was. Returns when it serves. */
    public abstract void up();

    /** Whether {@link #alarm} is possible. */
    public boolean hasAlarms() {
        return false;
    }

    /** Raises or ends an alarm, during which messages are not accepted. */
    public void alarm(boolean raised) {
        throw new UnsupportedOperationException();
    }

    /** Cuts every connection and forgets every queue, as a broker does that lost its disk. */
    public abstract void wipe();

    @Override
    public abstract void close();

    /** Settings of a service that uses it, for a command line. */
    public final List<String> settings() {
        return settings(host(), port());
    }

    /** The same, through a wire or another address. */
    public final List<String> settings(String host, int port) {
        return List.of(
                "--RABBITMQ_HOST=" + host,
                "--RABBITMQ_PORT=" + port,
                "--RABBITMQ_USER=" + user(),
                "--RABBITMQ_PASSWORD=" + password(),
                "--RABBITMQ_VHOST=" + virtualHost());
    }
}
