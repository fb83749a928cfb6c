package dev.tomp3.embedded;

import java.lang.reflect.Field;
import java.net.URL;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.qpid.server.SystemLauncher;
import org.apache.qpid.server.SystemLauncherListener;
import org.apache.qpid.server.logging.NullMessageLogger;
import org.apache.qpid.server.model.AuthenticationProvider;
import org.apache.qpid.server.model.Broker;
import org.apache.qpid.server.model.BrokerImpl;
import org.apache.qpid.server.model.SystemConfig;
import org.apache.qpid.server.model.User;
import org.apache.qpid.server.model.VirtualHostNode;
import org.apache.qpid.server.store.derby.DerbyUtils;
import org.jspecify.annotations.Nullable;

/**
 * An AMQP 0-9-1 broker in this JVM that replaces RabbitMQ. It listens on the loopback address only
 * and has a single user.
 *
 * <p>With a directory, durable queues and persistent messages are on disk when the broker confirms
 * them: they survive a restart and a SIGKILL of the JVM. Without a directory, everything is lost at
 * {@link #close()}.
 *
 * <p>The broker closes the connection of a client that declares a queue with arguments of RabbitMQ:
 * clients use {@link QpidDeclarables}. The message count of a passive declaration includes the
 * unacknowledged messages, where RabbitMQ counts only the ready ones.
 */
public final class EmbeddedBroker implements AutoCloseable {
    private final SystemLauncher launcher;
    private final int port;

    private EmbeddedBroker(SystemLauncher launcher, int port) {
        this.launcher = launcher;
        this.port = port;
    }

    /**
     * Starts a broker with the virtual host {@code /}.
     *
     * @param directory for the messages; null keeps them in memory
     * @param port 0 for a free one
     */
    public static EmbeddedBroker start(
            @Nullable Path directory, int port, String user, String password) {
        // otherwise Derby writes derby.log to the working directory
        DerbyUtils.configureDerbyLogging();
        AtomicReference<@Nullable SystemConfig<?>> system = new AtomicReference<>();
        AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
        SystemLauncher launcher =
                new SystemLauncher(
                        new SystemLauncherListener.DefaultSystemLauncherListener() {
                            @Override
                            public void onContainerResolve(SystemConfig<?> config) {
                                // otherwise there is an INFO line for each connection, channel and
                                // binding
                                config.getEventLogger().setMessageLogger(new NullMessageLogger());
                                system.set(config);
                            }

                            @Override
                            public void errorOnStartup(RuntimeException e) {
                                failure.set(e);
                            }
                        });
        try {
            launcher.startup(
                    Map.of(
                            SystemConfig.TYPE,
                            "Memory",
                            SystemConfig.INITIAL_CONFIGURATION_LOCATION,
                            resource("broker.json"),
                            // the default is a classpath: URL, which a nested jar cannot resolve
                            SystemConfig.INITIAL_SYSTEM_PROPERTIES_LOCATION,
                            resource("broker.properties"),
                            SystemConfig.CONTEXT,
                            Map.of("tomp3.port", String.valueOf(port)),
                            SystemConfig.STARTUP_LOGGED_TO_SYSTEM_OUT,
                            false));
        } catch (Exception e) {
            throw new IllegalStateException("the embedded broker failed to start", e);
        }
        if (failure.get() != null) {
            throw new IllegalStateException("the embedded broker failed to start", failure.get());
        }
        try {
            Broker<?> broker = (Broker<?>) Objects.requireNonNull(system.get()).getContainer();
            removeShutdownHook(broker);
            configure(broker, directory, user, password);
            int bound = broker.getPorts().iterator().next().getBoundPort();
            if (bound <= 0) {
                throw new IllegalStateException("port " + port + " is in use");
            }
            return new EmbeddedBroker(launcher, bound);
        } catch (RuntimeException e) {
            launcher.shutdown();
            throw e;
        }
    }

    /** The port it listens on. */
    public int port() {
        return port;
    }

    @Override
    public void close() {
        launcher.shutdown();
    }

    /**
     * Removes the shutdown hook of the broker, which would stop it at the start of the shutdown,
     * while its clients still need it.
     */
    private static void removeShutdownHook(Broker<?> broker) {
        try {
            Field hook = BrokerImpl.class.getDeclaredField("_shutdownHook");
            hook.setAccessible(true);
            Runtime.getRuntime().removeShutdownHook((Thread) hook.get(broker));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("unexpected version of the embedded broker", e);
        }
    }

    /** Adds the virtual host and the user, which are not in broker.json. */
    private static void configure(
            Broker<?> broker, @Nullable Path directory, String user, String password) {
        Map<String, Object> node = new HashMap<>();
        node.put("name", "default");
        node.put("defaultVirtualHostNode", true);
        if (directory == null) {
            node.put("type", "Memory");
            node.put("virtualHostInitialConfiguration", "{\"type\":\"Memory\"}");
        } else {
            node.put("type", "DERBY");
            node.put("storePath", directory.toAbsolutePath().toString());
            node.put("virtualHostInitialConfiguration", "{\"type\":\"ProvidedStore\"}");
        }
        broker.createChild(VirtualHostNode.class, node);
        Map<String, Object> login = new HashMap<>();
        login.put("name", user);
        login.put("type", "managed");
        login.put("password", password);
        AuthenticationProvider<?> users = broker.getAuthenticationProviders().iterator().next();
        users.createChild(User.class, login);
    }

    private static String resource(String name) {
        URL url = EmbeddedBroker.class.getResource(name);
        return Objects.requireNonNull(url, name).toString();
    }
}
