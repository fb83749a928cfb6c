package dev.tomp3.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.Banner;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The names and defaults that operators rely on, and the message about a wrong one. */
@ExtendWith(OutputCaptureExtension.class)
class ConfigurationTest {
    private static final Pattern SETTING = Pattern.compile("\\$\\{([A-Z_0-9]+)(:([^}]*))?}");

    @Test
    void has_these_settings_and_defaults() throws IOException {
        Map<String, String> settings = new TreeMap<>();
        Matcher matcher = SETTING.matcher(yaml());
        while (matcher.find()) {
            settings.put(
                    matcher.group(1), matcher.group(2) == null ? "REQUIRED" : matcher.group(3));
        }
        assertThat(settings)
                .containsExactlyInAnyOrderEntriesOf(
                        Map.ofEntries(
                                Map.entry("AUTH_SVC_ADDRESS", "localhost:5000"),
                                Map.entry("BIND", ""),
                                Map.entry("GATEWAY_PORT", "8080"),
                                Map.entry("GRIDFS_CHUNK", "1MB"),
                                Map.entry("KEEP_ALIVE", "75s"),
                                Map.entry("KEEP_JOB", "90d"),
                                Map.entry("KEEP_MP3", "7d"),
                                Map.entry("KEEP_UPLOAD", "1d"),
                                Map.entry("CORS_ORIGINS", ""),
                                Map.entry("MAX_OPEN_UPLOADS_PER_USER", "50"),
                                Map.entry("KEEP_VIDEO", "1d"),
                                Map.entry("MAX_CONNECTIONS_PER_ADDRESS", "256"),
                                Map.entry("MAX_REQUESTS_PER_MINUTE_PER_ADDRESS", "600"),
                                Map.entry("MAX_TRANSFERS_PER_USER", "16"),
                                Map.entry("MIN_UPLOAD_RATE", "1KB"),
                                Map.entry("MAX_CONCURRENT_JOBS_PER_USER", "4"),
                                Map.entry("MAX_DURATION", "12h"),
                                Map.entry("MAX_QUEUED_PER_USER", "1000"),
                                Map.entry("MAX_REQUESTS_PER_MINUTE", "6000"),
                                Map.entry("MAX_STORED_PER_USER", "20GB"),
                                Map.entry("MAX_UPLOAD", "4GB"),
                                Map.entry("MEDIA_STORE", "gridfs"),
                                Map.entry("METRICS_PORT", ""),
                                Map.entry("MIN_FREE", "1GB"),
                                Map.entry("MONGODB_URI", "REQUIRED"),
                                Map.entry("MP3_QUEUE", "mp3"),
                                Map.entry("PRESETS_FILE", ""),
                                Map.entry("RABBITMQ_ADDRESSES", ""),
                                Map.entry("RABBITMQ_HOST", "localhost"),
                                Map.entry("RABBITMQ_PASSWORD", "REQUIRED"),
                                Map.entry("RABBITMQ_PORT", "5672"),
                                Map.entry("RABBITMQ_TLS", "false"),
                                Map.entry("RABBITMQ_USER", "tomp3"),
                                Map.entry("RABBITMQ_VHOST", "/"),
                                Map.entry("RETENTION_PAUSE", "24h"),
                                Map.entry("SHUTDOWN_GRACE", "30s"),
                                Map.entry("SMTP_HOST", ""),
                                Map.entry("TLS_CERT", ""),
                                Map.entry("TLS_KEY", ""),
                                Map.entry("TRUSTED_PROXIES", ""),
                                Map.entry("VIDEO_QUEUE", "video")));
    }

    @Test
    void explains_every_setting_that_is_not_self_explanatory() throws IOException {
        List<String> lines = yaml().lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i)
                    .matches(".*\\$\\{(MAX|MIN|KEEP|BIND|TRUSTED|MEDIA_STORE|MONGODB)\\w*[:}].*"))
                assertThat(lines.get(i - 1).strip()).as(lines.get(i)).startsWith("#");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "MONGODB_URI, ''",
        "MONGODB_URI, ' '",
        "RABBITMQ_PASSWORD, ''",
        "RABBITMQ_PASSWORD,",
        "MONGODB_URI,",
        "MEDIA_STORE, s3",
        "MEDIA_STORE, files:",
        "MAX_QUEUED_PER_USER, -1",
        "MAX_CONCURRENT_JOBS_PER_USER, -1",
        "MAX_DURATION, 12",
        "KEEP_UPLOAD, 0s",
        "KEEP_VIDEO, -1d",
        "KEEP_MP3, 7",
        "KEEP_MP3, -7d",
        "KEEP_JOB, 59s",
        "KEEP_JOB, a year",
        "RETENTION_PAUSE, -1s",
        "MIN_FREE, -1B",
        "MAX_STORED_PER_USER, much",
        "MAX_UPLOAD,''",
        "GRIDFS_CHUNK, 0B",
        "GRIDFS_CHUNK, -1B",
        "GRIDFS_CHUNK, 9MB",
        "MIN_UPLOAD_RATE, -1B",
        "MAX_OPEN_UPLOADS_PER_USER, -1",
        "CORS_ORIGINS, *",
        "CORS_ORIGINS, https://example.org/",
        "PRESETS_FILE, target",
        "PRESETS_FILE, src/test/resources/presets-illegal.json",
        "TLS_CERT, target",
        "TRUSTED_PROXIES, .*"
    })
    void names_the_variable_that_is_missing_or_wrong(
            String name, String value, CapturedOutput output) {
        Map<String, String> settings = new TreeMap<>();
        settings.put("GATEWAY_PORT", "0");
        settings.put("MONGODB_URI", "mongodb://user:secret@127.0.0.1:1/tomp3");
        settings.put("RABBITMQ_PASSWORD", "secret");
        if (value == null) settings.remove(name);
        else settings.put(name, value);
        assertThatThrownBy(() -> start(settings)).isNotNull();
        assertThat(output.getOut()).containsOnlyOnce("\n" + name).doesNotContain("secret", "\tat ");
    }

    private static void start(Map<String, String> settings) {
        List<String> arguments = new ArrayList<>();
        settings.forEach((name, value) -> arguments.add("--" + name + "=" + value));
        new SpringApplicationBuilder(GatewayService.class)
                .bannerMode(Banner.Mode.OFF)
                .registerShutdownHook(false)
                .run(arguments.toArray(String[]::new))
                .close();
    }

    private static String yaml() throws IOException {
        try (InputStream in = GatewayService.class.getResourceAsStream("/application.yml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .replaceAll("(?m)^# .*", "");
        }
    }
}
