package dev.tomp3.auth;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * An empty database for one test: H2 in MySQL mode, or a new database on the server that {@code
 * TEST_MYSQL_URI} names ({@code jdbc:mysql://host:port}, with {@code TEST_MYSQL_USER} and {@code
 * TEST_MYSQL_PASSWORD}).
 */
final class TestDatabase {
    private TestDatabase() {}

    static Map<String, String> empty() {
        String name = "auth_" + UUID.randomUUID().toString().replace("-", "");
        String server = System.getenv("TEST_MYSQL_URI");
        Map<String, String> properties = new LinkedHashMap<>();
        if (server == null) {
            properties.put(
                    "spring.datasource.url",
                    "jdbc:h2:mem:"
                            + name
                            + ";MODE=MySQL;DATABASE_TO_LOWER=TRUE;CASE_INSENSITIVE_IDENTIFIERS=TRUE"
                            + ";IGNORECASE=TRUE;DB_CLOSE_DELAY=-1");
            properties.put("spring.datasource.username", "sa");
            properties.put("spring.datasource.password", "test");
        } else {
            properties.put(
                    "spring.datasource.url",
                    server
                            + "/"
                            + name
                            + "?createDatabaseIfNotExist=true&connectTimeout=2000"
                            + "&socketTimeout=2500");
            properties.put("spring.datasource.username", System.getenv("TEST_MYSQL_USER"));
            properties.put("spring.datasource.password", System.getenv("TEST_MYSQL_PASSWORD"));
        }
        System.out.println("users are kept in " + properties.get("spring.datasource.url"));
        return properties;
    }
}
