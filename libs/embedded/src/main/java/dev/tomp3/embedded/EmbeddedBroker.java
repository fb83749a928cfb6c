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
 * An AMQP 0-9-1 broker in this JVM, in the place of RabbitMQ, that listens on the loopback address
 * only and answers nobody but its one user.
 *
 * <p>With a directory, durable queues and persistent messages are on disk when the broker confirms
 * them: they survive a restart and a SIGKILL of the JVM. Without one, all is gone with {@link
 * #close()}.
 *
 * <p>Queue arguments of RabbitMQ close the connection here: clients declare theirs through {@link
 * QpidDeclarables}. A passive declaration counts the messages that consumers hold, too, where
 * RabbitMQ counts the ready ones only.
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
     * @param directory where messages are kept; null keeps them in memory
     * @param port 0 takes a free one
     */
    public static EmbeddedBroker start(
            @Nullable Path directory, int port, String user, String password) {
        // or else Derby writes a file derby.log where the process was started
        DerbyUtils.configureDerbyLogging();
        AtomicReference<@Nullable SystemConfig<?>> system = new AtomicReference<>();
        AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
        SystemLauncher launcher =
                new SystemLauncher(
                        new SystemLauncherListener.DefaultSystemLauncherListener() {
                            @Override
                            public void onContainerResolve(SystemConfig<?> config) {
                                // an INFO line for each connection, channel and binding otherwise
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
            throw new IllegalStateException("the embedded broker does not start", e);
        }
        if (failure.get() != null) {
            throw new IllegalStateException("the embedded broker does not start", failure.get());
        }
        try {
            Broker<?> broker = (Broker<?>) Objects.requireNonNull(system.get()).getContainer();
            keepUntilClosed(broker);
            furnish(broker, directory, user, password);
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
     * Takes back the broker's own shutdown hook, which would stop it at the first sign of the JVM's
     * end, while its clients still need it to end well.
     */
    private static void keepUntilClosed(Broker<?> broker) {
        try {
            Field hook = BrokerImpl.class.getDeclaredField("_shutdownHook");
            hook.setAccessible(true);
            Runtime.getRuntime().removeShutdownHook((Thread) hook.get(broker));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("another broker than the one this was written for", e);
        }
    }

    /** Adds what the configuration file leaves open: the virtual host and the one user. */
    private static void furnish(
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
