package dev.tomp3.servers;

import dev.tomp3.embedded.EmbeddedBroker;
import dev.tomp3.embedded.QpidDeclarables;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.core.DeclarableCustomizer;

final class EmbeddedQpid extends TestBroker {
    private static final String USER = "tomp3";
    private static final String PASSWORD = "secret";

    private final @Nullable Path directory;
    private final int port;
    private EmbeddedBroker server;
    private int generation;

    EmbeddedQpid() {
        this(null);
    }

    /**
     * @param directory null keeps the messages in memory
     */
    EmbeddedQpid(@Nullable Path directory) {
        Server.RABBITMQ.say("Apache Qpid in this JVM");
        this.directory = directory;
        server = start(0);
        port = server.port();
    }

    private EmbeddedBroker start(int port) {
        Path disk = directory == null ? null : directory.resolve("broker-" + generation);
        return EmbeddedBroker.start(disk, port, USER, PASSWORD);
    }

    @Override
    public String host() {
        return "127.0.0.1";
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public String user() {
        return USER;
    }

    @Override
    public String password() {
        return PASSWORD;
    }

    @Override
    public String virtualHost() {
        return "/";
    }

    @Override
    public DeclarableCustomizer declarables() {
        return new QpidDeclarables();
    }

    @Override
    public boolean canEnd() {
        return true;
    }

    @Override
    public void down() {
        server.close();
    }

    @Override
    public void up() {
        server = start(port);
    }

    @Override
    public void wipe() {
        down();
        generation++;
        up();
    }

    @Override
    public void close() {
        server.close();
    }
}
