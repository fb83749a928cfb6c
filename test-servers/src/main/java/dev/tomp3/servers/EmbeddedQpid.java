package dev.tomp3.servers;

import dev.tomp3.embedded.EmbeddedBroker;
import dev.tomp3.embedded.QpidDeclarables;
import org.springframework.amqp.core.DeclarableCustomizer;

final class EmbeddedQpid extends TestBroker {
    private static final String USER = "tomp3";
    private static final String PASSWORD = "secret";

    private EmbeddedBroker server;

    EmbeddedQpid() {
        Server.RABBITMQ.say("Apache Qpid in this JVM");
        server = EmbeddedBroker.start(null, 0, USER, PASSWORD);
    }

    @Override
    public String host() {
        return "127.0.0.1";
    }

    @Override
    public int port() {
        return server.port();
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
    public void wipe() {
        int port = server.port();
        server.close();
        server = EmbeddedBroker.start(null, port, USER, PASSWORD);
    }

    @Override
    public void close() {
        server.close();
    }
}
