package dev.tomp3.standalone;

import dev.tomp3.embedded.EmbeddedBroker;
import dev.tomp3.embedded.EmbeddedMongo;
import dev.tomp3.embedded.ReservedFilePath;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * Properties that point each service at the embedded servers and at the other services. They take
 * precedence over the environment and application.yml, where a service reads everything else.
 */
record ServiceSettings(
        Map<String, String> environment,
        Map<String, Object> overrides,
        DataDirectory data,
        Ports ports,
        Administrator administrator) {
    static final String USER = "tomp3";

    /** Settings to convert one file: no mails, no quotas, a quick shutdown. */
    static ServiceSettings forOneFile(
            Map<String, String> environment,
            DataDirectory data,
            Ports ports,
            Administrator administrator) {
        Map<String, String> kept = new HashMap<>();
        kept.put("REGISTRATION", "closed");
        if ("gridfs".equals(environment.get("MEDIA_STORE"))) {
            kept.put("MEDIA_STORE", "gridfs");
        }
        Map<String, Object> overrides =
                Map.of(
                        "SMTP_HOST", "",
                        "MAX_UPLOAD", "1TB",
                        "MAX_STORED_PER_USER", "0B",
                        "MIN_FREE", "0B",
                        "SHUTDOWN_GRACE", "2s",
                        "server.shutdown", "immediate",
                        "spring.lifecycle.timeout-per-shutdown-phase", "2s");
        return new ServiceSettings(kept, overrides, data, ports, administrator);
    }

    Map<String, Object> forService(Service service, EmbeddedBroker broker, EmbeddedMongo mongo)
            throws IOException {
        Map<String, Object> settings = new HashMap<>();
        settings.put(ServiceAutoConfigurationFilter.SERVICE, service.name());
        settings.put("spring.config.location", service.classpathRoot());
        settings.put("spring.web.resources.static-locations", service.classpathRoot() + "static/");
        settings.put("spring.main.banner-mode", "off");
        settings.put("spring.main.log-startup-info", false);
        settings.put("spring.main.register-shutdown-hook", false);
        settings.put("management.metrics.use-global-registry", false);
        settings.put("server.port", ports.of(service));
        settings.put("server.address", ports.address(service).getHostAddress());

        // reached by this process over HTTP
        settings.put("TLS_CERT", "");
        settings.put("TLS_KEY", "");
        settings.put("BIND", ports.address(service).getHostAddress());
        settings.put(
                "tomp3.converter.gateway-address", ports.address(Service.GATEWAY).getHostAddress());
        // health and metrics of auth and of the gateway stay on their own ports
        settings.put("METRICS_PORT", "");
        settings.put(service.portVariable, ports.of(service));
        settings.put("DATA_DIR", data.path().toString());
        settings.put("WORK_DIR", or("WORK_DIR", data.resolve("work").toString()));
        settings.put("MEDIA_STORE", or("MEDIA_STORE", "files:" + data.resolve("media")));
        // the embedded MongoDB cannot send larger replies
        settings.put("GRIDFS_CHUNK", or("GRIDFS_CHUNK", "255KB"));
        // it would read the chunks themselves, and it ends together with all that writes to it
        settings.put("tomp3.sweep.strays", "0s");
        settings.put(
                "PUBLIC_URL", or("PUBLIC_URL", "http://localhost:" + ports.of(Service.GATEWAY)));
        settings.put("AUTH_SVC_ADDRESS", ports.authority(Service.AUTH));
        settings.put("MONGODB_URI", mongo.uri("tomp3"));
        settings.put("RABBITMQ_ADDRESSES", "");
        settings.put("RABBITMQ_HOST", "127.0.0.1");
        settings.put("RABBITMQ_PORT", broker.port());
        settings.put("RABBITMQ_USER", USER);
        settings.put("RABBITMQ_PASSWORD", data.password("amqp"));
        settings.put("RABBITMQ_VHOST", "/");
        settings.put("RABBITMQ_TLS", false);
        if (service == Service.AUTH) {
            settings.put("JWT_KEYS_DIR", or("JWT_KEYS_DIR", data.signingKeys().toString()));
            // who reaches this machine's own address only is its user
            boolean local = ports.address(Service.GATEWAY).isLoopbackAddress();
            settings.put("REGISTRATION", or("REGISTRATION", local ? "open" : "closed"));
            if (local && or("TRUSTED_PROXIES", "").isEmpty()) {
                // all clients have one address, and a local user could tell auth another one
                settings.put("TRUSTED_PROXIES", "");
                // the gateway's connections count
                settings.put("MAX_CONNECTIONS_PER_ADDRESS", 0);
            }
            String password = administrator.password();
            settings.put("ADMIN_EMAIL", password == null ? "" : administrator.email());
            settings.put("ADMIN_PASSWORD", password == null ? "" : password);
            ReservedFilePath.register();
            // reserved: a full disk does not close it. WRITE_DELAY=0: each commit is on disk before
            // it is acknowledged
            settings.put(
                    "spring.datasource.url",
                    "jdbc:h2:reserved:"
                            + data.resolve("users")
                            + ";MODE=MySQL;DATABASE_TO_LOWER=TRUE;CASE_INSENSITIVE_IDENTIFIERS=TRUE"
                            + ";IGNORECASE=TRUE;WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=4;MAX_COMPACT_TIME=0");
            settings.put("spring.datasource.driver-class-name", "org.h2.Driver");
            settings.put("spring.datasource.username", USER);
            settings.put("spring.datasource.password", data.password("users"));
            settings.put("spring.flyway.user", USER);
            settings.put("spring.flyway.password", data.password("users"));
        }
        settings.putAll(overrides);
        return settings;
    }

    private String or(String name, String standard) {
        String value = environment.getOrDefault(name, "");
        return value.isEmpty() ? standard : value;
    }

    /** Omits the secrets. */
    @Override
    public String toString() {
        return "ServiceSettings[" + data.path() + "]";
    }
}
