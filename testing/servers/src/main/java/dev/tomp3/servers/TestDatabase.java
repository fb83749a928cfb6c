package dev.tomp3.servers;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An empty database for users, and a user who may do anything in it and nothing else: on MySQL, or
 * H2 in its MySQL mode. A named server is {@code jdbc:mysql://host:port}, with {@code
 * TEST_MYSQL_USER} and {@code TEST_MYSQL_PASSWORD}, who may make databases and users. All is gone
 * with this JVM.
 */
public final class TestDatabase {
    private static final int PORT = 3306;

    private static @Nullable MySql shared;

    private record MySql(String url, String user, String password, @Nullable Container container) {
        Connection connection() throws SQLException {
            return DriverManager.getConnection(
                    url + "?connectTimeout=2000&socketTimeout=20000", user, password);
        }

        void run(String... statements) {
            try (Connection connection = connection();
                    Statement statement = connection.createStatement()) {
                for (String sql : statements) statement.execute(sql);
            } catch (SQLException e) {
                throw new IllegalStateException("MySQL at " + url, e);
            }
        }
    }

    /** H2 as a server, in this JVM. */
    private static final class H2 {
        private final Path directory;
        private final int port;
        private org.h2.tools.Server server;

        H2(Path directory) {
            this.directory = directory;
            this.server = start(0);
            this.port = server.getPort();
        }

        private org.h2.tools.Server start(int port) {
            try {
                return org.h2.tools.Server.createTcpServer(
                                "-tcpPort",
                                Integer.toString(port),
                                "-ifNotExists",
                                "-baseDir",
                                directory.toString())
                        .start();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static final String MYSQL_MODE =
            ";MODE=MySQL;DATABASE_TO_LOWER=TRUE;CASE_INSENSITIVE_IDENTIFIERS=TRUE;IGNORECASE=TRUE";

    private final @Nullable MySql server;
    private final @Nullable H2 h2;
    private final String name = "auth_" + UUID.randomUUID().toString().substring(0, 8);
    private final String password;

    private TestDatabase(@Nullable MySql server, @Nullable H2 h2) {
        this.server = server;
        this.h2 = h2;
        this.password = "it's " + UUID.randomUUID();
        if (server != null) {
            server.run(
                    "CREATE DATABASE " + name,
                    "CREATE USER '%s'@'%%' IDENTIFIED BY '%s'"
                            .formatted(name, password.replace("'", "''")),
                    "GRANT ALL ON %s.* TO '%s'@'%%'".formatted(name, name));
            if (server.container() == null) {
                Runtime.getRuntime()
                        .addShutdownHook(
                                new Thread(() ->
                                        server.run(
                                                "DROP DATABASE " + name,
                                                "DROP USER '" + name + "'@'%'")));
            }
        }
    }

    public static TestDatabase empty() {
        if (Server.MYSQL.embedded()) {
            Server.MYSQL.say("H2 in this JVM");
            return new TestDatabase(null, null);
        }
        synchronized (TestDatabase.class) {
            if (shared == null) shared = chosen();
            return new TestDatabase(shared, null);
        }
    }

    /** On a MySQL in a container of its own, which can be stopped without harm to others. */
    public static TestDatabase alone() {
        return new TestDatabase(container(), null);
    }

    /**
     * One that no other test uses, so that it can end; a named server cannot.
     *
     * @param directory where the embedded one keeps its files
     */
    public static TestDatabase alone(Path directory) {
        if (Server.MYSQL.embedded()) {
            Server.MYSQL.say("H2 as a server in this JVM");
            return new TestDatabase(null, new H2(directory));
        }
        return Server.MYSQL.named().isPresent() ? empty() : alone();
    }

    /** Whether {@link #down} is possible. */
    public boolean canEnd() {
        return h2 != null || (server != null && server.container() != null);
    }

    /** The server ends without a warning; what is on its disk stays there. */
    public void down() {
        if (h2 != null) h2.server.stop();
        else container(server).down();
    }

    /** It begins again, where it was. Returns when it serves. */
    public void up() {
        if (h2 != null) h2.server = h2.start(h2.port);
        else container(server).up();
    }

    private static MySql chosen() {
        String named = Server.MYSQL.named().orElse(null);
        if (named == null) return container();
        Server.MYSQL.say(named);
        return new MySql(
                named + "/",
                Server.required("TEST_MYSQL_USER"),
                Server.required("TEST_MYSQL_PASSWORD"),
                null);
    }

    private static MySql container() {
        Container container =
                Container.started(
                        Server.MYSQL,
                        Map.of("MYSQL_ROOT_PASSWORD", Container.PASSWORD),
                        started -> mySql(started).connection().close(),
                        PORT);
        Server.MYSQL.say("a container of " + Server.MYSQL.image());
        return mySql(container);
    }

    private static MySql mySql(Container container) {
        return new MySql(
                "jdbc:mysql://%s:%d/".formatted(container.getHost(), container.port(PORT)),
                "root",
                Container.PASSWORD,
                container);
    }

    /** Its address, without user and password. */
    public String url() {
        if (server != null) return server.url() + name;
        return h2 == null
                ? "jdbc:h2:mem:" + name + MYSQL_MODE + ";DB_CLOSE_DELAY=-1"
                : "jdbc:h2:tcp://127.0.0.1:%d/./%s".formatted(h2.port, name)
                        + MYSQL_MODE
                        + ";WRITE_DELAY=0";
    }

    /** Makes a user with the same password who reads and writes rows and does nothing else. */
    public String userForQueries() {
        String user = name + "_q";
        if (server == null) throw new IllegalStateException("not MySQL");
        server.run(
                "CREATE USER '%s'@'%%' IDENTIFIED BY '%s'"
                        .formatted(user, password.replace("'", "''")),
                "GRANT SELECT, INSERT, UPDATE, DELETE ON %s.* TO '%s'@'%%'".formatted(name, user));
        return user;
    }

    public String user() {
        return name;
    }

    public String password() {
        return password;
    }

    /** What the service is told, with its own time limits. */
    public Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>();
        settings.put("spring.datasource.url", url() + limits());
        // H2's limit cannot be raised for a migration
        if (h2 != null) settings.put("spring.flyway.url", url());
        settings.put("spring.datasource.username", user());
        settings.put("spring.datasource.password", password());
        return settings;
    }

    private String limits() {
        if (server != null) return "?connectTimeout=2000&socketTimeout=1000";
        return h2 == null ? "" : ";NETWORK_TIMEOUT=2000";
    }

    /** The same, on the other end of a wire. */
    public Map<String, String> settings(Wire wire) {
        Map<String, String> settings = settings();
        settings.replaceAll((name, value) ->
                name.endsWith(".url")
                        ? value.replaceFirst("//[^/]*/", "//127.0.0.1:" + wire.port() + "/")
                        : value);
        return settings;
    }

    /** A connection to a server that can be cut. */
    public Wire wire() throws IOException {
        if (h2 != null) return new Wire(h2.port);
        URI address = URI.create(url().substring("jdbc:".length()));
        return new Wire(address.getHost(), address.getPort() < 0 ? PORT : address.getPort());
    }

    /** Gives back what {@link #alone(Path)} took. */
    public void end() {
        if (h2 != null) h2.server.stop();
        else if (server != null && server.container() != null) server.container().stop();
    }

    public Connection connection() throws SQLException {
        return DriverManager.getConnection(url(), user(), password());
    }

    /** The server of {@link #alone()} hangs. */
    public void pause() {
        container(server).pause();
    }

    public void unpause() {
        container(server).unpause();
    }

    /** The server of {@link #alone()} takes no more writes, as after a failover. */
    public void readOnly(boolean readOnly) {
        Objects.requireNonNull(server)
                .run(
                        "SET GLOBAL super_read_only = " + readOnly,
                        "SET GLOBAL read_only = " + readOnly);
    }

    /** The ids of the user's connections. */
    public Set<Long> connections() throws SQLException {
        Set<Long> ids = new HashSet<>();
        try (Connection connection = connection();
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT id FROM information_schema.processlist"
                                        + " WHERE id <> connection_id()")) {
            while (rows.next()) ids.add(rows.getLong(1));
        }
        return ids;
    }

    /** The server of {@link #alone()} ends and begins again. */
    public void restart() {
        container(server).restart();
    }

    private static Container container(@Nullable MySql server) {
        if (server == null || server.container() == null)
            throw new IllegalStateException("not in a container");
        return server.container();
    }
}
